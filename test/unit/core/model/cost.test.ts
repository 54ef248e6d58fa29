import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { estimateRunCost, type PaidResources } from '../../../../app/core/model/cost.ts';
import { fargatePrices } from '../../../../app/core/model/fargate-prices.ts';

const oneHour = 3_600;
const small: PaidResources = {
  cpuUnits: 1024,
  memoryMib: 2048,
  architecture: 'X86_64',
  spot: false,
  region: 'us-east-1',
};
// An unknown region costs NaN here, which equals nothing, so that a test cannot pass by it.
const costOf = (change: Partial<PaidResources>, seconds = oneHour): number =>
  estimateRunCost({ ...small, ...change }, seconds) ?? Number.NaN;

const resources = fc.record({
  cpuUnits: fc.constantFrom(256, 512, 1024, 2048, 4096, 8192, 16_384),
  memoryMib: fc.integer({ min: 512, max: 122_880 }),
  storageGib: fc.integer({ min: 0, max: 200 }),
  architecture: fc.constantFrom('X86_64' as const, 'ARM64' as const),
  spot: fc.boolean(),
  region: fc.constantFrom(...Object.keys(fargatePrices.regions)),
});

describe('the estimated cost of a run', () => {
  it("matches AWS's pricing example: a vCPU and 2 GB for an hour in us-east-1", () => {
    expect(costOf({})).toBeCloseTo(0.04048 + 2 * 0.004445, 10);
  });

  it('is for at least a minute', () => {
    expect(costOf({}, 1)).toBeCloseTo(costOf({}, 60), 12);
    expect(costOf({}, 61)).toBeGreaterThan(costOf({}, 60));
  });

  it('counts only storage above 20 GiB', () => {
    expect(costOf({ storageGib: 20 })).toBe(costOf({}));
    // 0.000111 US dollars for a GB-hour, to the fourth digit.
    expect((costOf({ storageGib: 120 }) - costOf({})) / 100).toBeCloseTo(0.000111, 6);
  });

  it('is unknown in a region with unknown prices', () => {
    expect(estimateRunCost({ ...small, region: 'mars-north-1' }, 60)).toBeUndefined();
    expect(estimateRunCost({ ...small, region: 'constructor' }, 60)).toBeUndefined();
  });

  it('is lower on ARM and on Spot', () => {
    fc.assert(
      fc.property(resources, (task) => {
        const plain = costOf({ ...task, architecture: 'X86_64', spot: false });
        expect(costOf({ ...task, architecture: 'ARM64', spot: false })).toBeLessThan(plain);
        expect(costOf({ ...task, architecture: 'X86_64', spot: true })).toBeLessThan(plain);
      }),
    );
  });

  it('grows with time and with each resource', () => {
    const hours = fc.integer({ min: 60, max: 86_400 });
    fc.assert(
      fc.property(resources, hours, (task, seconds) => {
        const cost = costOf(task, seconds);
        expect(cost).toBeGreaterThan(0);
        expect(costOf({ ...task, memoryMib: task.memoryMib + 1024 }, seconds)).toBeGreaterThan(cost);
        expect(costOf({ ...task, cpuUnits: task.cpuUnits * 2 }, seconds)).toBeGreaterThan(cost);
        expect(costOf({ ...task, storageGib: task.storageGib + 30 }, seconds)).toBeGreaterThan(cost);
        expect(costOf(task, seconds * 2)).toBeCloseTo(cost * 2, 10);
      }),
    );
  });
});
