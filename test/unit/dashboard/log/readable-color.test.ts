import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { contrast, logBackground, readableColor } from '../../../../app/dashboard/web/log/readable-color.ts';

const channel = fc.integer({ min: 0, max: 255 });

describe('readableColor', () => {
  it('makes every color readable on the background of the log', () => {
    fc.assert(
      fc.property(channel, channel, channel, (red, green, blue) => {
        expect(contrast(readableColor([red, green, blue]), logBackground)).toBeGreaterThanOrEqual(4.5);
      }),
    );
  });

  it('keeps a color that is readable', () => {
    expect(readableColor([255, 200, 100])).toEqual([255, 200, 100]);
  });
});
