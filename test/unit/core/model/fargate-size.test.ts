import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { fargateSize } from '../../../../app/core/model/fargate-size.ts';

describe('the size of a Fargate task', () => {
  it.each([
    [256, 512, 256, 512],
    [256, 1025, 256, 2048],
    [256, 2049, 512, 3072],
    [300, 512, 512, 1024],
    [1024, 1024, 1024, 2048],
    [4096, 30_721, 8192, 32_768],
    [8192, 61_441, 16_384, 65_536],
    [16_384, 122_880, 16_384, 122_880],
  ])('for %i CPU units and %i MiB is %i and %i', (cpuUnits, memoryMib, cpu, memory) => {
    expect(fargateSize({ cpuUnits, memoryMib })).toEqual({ cpuUnits: cpu, memoryMib: memory });
  });

  it.each([
    [16_385, 1024],
    [256, 122_881],
  ])('does not exist for %i CPU units and %i MiB', (cpuUnits, memoryMib) => {
    expect(fargateSize({ cpuUnits, memoryMib })).toBeUndefined();
  });

  it('covers the request, and rounding it up changes nothing', () => {
    const wanted = fc.record({
      cpuUnits: fc.integer({ min: 1, max: 16_384 }),
      memoryMib: fc.integer({ min: 1, max: 122_880 }),
    });
    fc.assert(
      fc.property(wanted, (asked) => {
        const size = fargateSize(asked);
        expect(size?.cpuUnits).toBeGreaterThanOrEqual(asked.cpuUnits);
        expect(size?.memoryMib).toBeGreaterThanOrEqual(asked.memoryMib);
        expect(size && fargateSize(size)).toEqual(size);
      }),
    );
  });
});
