import { fargatePrices } from './fargate-prices.ts';

/** The resources of a task that are charged. */
export interface PaidResources {
  /** 1024 to a vCPU. */
  readonly cpuUnits: number;
  readonly memoryMib: number;
  /** The total; the first 20 GiB are free. If omitted, at most those. */
  readonly storageGib?: number;
  readonly architecture: 'X86_64' | 'ARM64';
  readonly spot: boolean;
  /** A region such as `eu-central-1`. */
  readonly region: string;
}

/**
 * Estimates the cost of a task on Fargate from the list prices in `fargate-prices.ts`, without discounts,
 * taxes, logs, requests and traffic.
 *
 * @param seconds from the image pull until the task ends; AWS charges for at least a minute.
 * @returns US dollars; undefined for a region whose prices are not known.
 */
export function estimateRunCost(resources: PaidResources, seconds: number): number | undefined {
  const prices = pricesOf(resources.region);
  if (prices === undefined) return undefined;
  const paidStorageGib = Math.max(0, (resources.storageGib ?? 0) - fargatePrices.freeStorageGib);
  const computePerHour =
    (resources.cpuUnits / 1024) * prices.vcpuHourUsd + (resources.memoryMib / 1024) * prices.gbHourUsd;
  const storagePerHour = paidStorageGib * prices.gbHourUsd * fargatePrices.storageShare;
  const architectureShare = resources.architecture === 'ARM64' ? fargatePrices.armShare : 1;
  const spotShare = resources.spot ? fargatePrices.spotShare : 1;
  const hours = Math.max(fargatePrices.minimumSeconds, seconds) / 3600;
  return (computePerHour * architectureShare * spotShare + storagePerHour) * hours;
}

function pricesOf(region: string): { vcpuHourUsd: number; gbHourUsd: number } | undefined {
  return new Map(Object.entries(fargatePrices.regions)).get(region);
}
