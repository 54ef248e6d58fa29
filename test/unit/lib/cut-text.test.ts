import { expect, it } from '@jest/globals';
import { cutText } from '../../../app/lib/cut-text.ts';

it.each([
  ['short', 5, 'short'],
  ['longer', 5, 'long…'],
  ['abc🚀def', 5, 'abc…'],
  ['', 5, ''],
])('%j cut to %d is %j', (text, max, cut) => expect(cutText(text, max)).toBe(cut));
