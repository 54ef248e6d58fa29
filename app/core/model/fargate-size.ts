/** The combinations of CPU and memory of Fargate tasks. */
export interface FargateSize {
  readonly cpuUnits: number;
  readonly memoryMib: number;
}

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html#fargate-tasks-size */
const sizes = [
  { cpuUnits: 256, memoryMib: [512, 1024, 2048] },
  { cpuUnits: 512, memoryMib: range(1024, 4096, 1024) },
  { cpuUnits: 1024, memoryMib: range(2048, 8192, 1024) },
  { cpuUnits: 2048, memoryMib: range(4096, 16_384, 1024) },
  { cpuUnits: 4096, memoryMib: range(8192, 30_720, 1024) },
  { cpuUnits: 8192, memoryMib: range(16_384, 61_440, 4096) },
  { cpuUnits: 16_384, memoryMib: range(32_768, 122_880, 8192) },
] as const;

/** The disk of the task: without a setting it has 20 GiB, with one at least 21. */
export const ephemeralStorageLimitsGib = { minimum: 21, maximum: 200 } as const;

/**
 * Finds the smallest size that is at least as large as the request: Fargate offers certain pairs only.
 *
 * @returns undefined if Fargate has nothing so large.
 */
export function fargateSize(wanted: FargateSize): FargateSize | undefined {
  for (const size of sizes) {
    if (size.cpuUnits < wanted.cpuUnits) continue;
    const memoryMib = size.memoryMib.find((offered) => offered >= wanted.memoryMib);
    if (memoryMib !== undefined) return { cpuUnits: size.cpuUnits, memoryMib };
  }
  return undefined;
}

function range(first: number, last: number, step: number): readonly number[] {
  return Array.from({ length: (last - first) / step + 1 }, (_, index) => first + index * step);
}
