import { describe, expect, it } from '@jest/globals';
import { sizeText } from '../../../app/lib/format.ts';

describe('a size', () => {
  it.each([
    [0, '0 bytes'],
    [1, '1 byte'],
    [1023, '1,023 bytes'],
    [1536, '1.5 KiB'],
    [1024 ** 2 - 1, '1 MiB'],
    [9.97 * 1024 ** 2, '10 MiB'],
    [5 * 1024 ** 2, '5 MiB'],
    [700 * 1024 ** 2, '700 MiB'],
    [2.25 * 1024 ** 3, '2.3 GiB'],
    [5000 * 1024 ** 3, '5000 GiB'],
  ])('of %d bytes reads %s', (bytes, text) => {
    expect(sizeText(bytes)).toBe(text);
  });
});
