/**
 * On-demand prices of Fargate for Linux on x86, in US dollars. A snapshot for estimates; the AWS bill is authoritative.
 *
 * Source: https://aws.amazon.com/fargate/pricing/, as of March 2026. The prices of ARM, Spot and storage follow those
 * of x86 in every region, so each is kept as a share: us-east-1 has 0.03238 / 0.04048 for ARM, and
 * 0.000111 / 0.004445 for a GB-hour of storage. Spot prices move from day to day; the share is the middle of those
 * quoted for the regions below, which lie between 0.30 and 0.39.
 */
export const fargatePrices = {
  asOf: '2026-03',
  source: 'https://aws.amazon.com/fargate/pricing/',
  /** The share of the price on x86. */
  armShare: 0.8,
  /** The share of the on-demand price. */
  spotShare: 0.31,
  /** Price of a GB-hour of storage as a share of that of a GB-hour of memory. */
  storageShare: 0.025,
  /** GiB of storage that are free for every task. */
  freeStorageGib: 20,
  /** Tasks are charged per second, with this minimum. */
  minimumSeconds: 60,
  regions: {
    'us-east-1': { vcpuHourUsd: 0.04048, gbHourUsd: 0.004445 },
    'us-east-2': { vcpuHourUsd: 0.04048, gbHourUsd: 0.004445 },
    'us-west-1': { vcpuHourUsd: 0.04656, gbHourUsd: 0.00511 },
    'us-west-2': { vcpuHourUsd: 0.04048, gbHourUsd: 0.004445 },
    'us-gov-east-1': { vcpuHourUsd: 0.0486, gbHourUsd: 0.0053 },
    'us-gov-west-1': { vcpuHourUsd: 0.0486, gbHourUsd: 0.0053 },
    'ca-central-1': { vcpuHourUsd: 0.04456, gbHourUsd: 0.004865 },
    'sa-east-1': { vcpuHourUsd: 0.0696, gbHourUsd: 0.0076 },
    'eu-west-1': { vcpuHourUsd: 0.04048, gbHourUsd: 0.004445 },
    'eu-west-2': { vcpuHourUsd: 0.04656, gbHourUsd: 0.00511 },
    'eu-west-3': { vcpuHourUsd: 0.0486, gbHourUsd: 0.0053 },
    'eu-central-1': { vcpuHourUsd: 0.04656, gbHourUsd: 0.00511 },
    'eu-north-1': { vcpuHourUsd: 0.0445, gbHourUsd: 0.0049 },
    'eu-south-1': { vcpuHourUsd: 0.0486, gbHourUsd: 0.0053 },
    'af-south-1': { vcpuHourUsd: 0.0546, gbHourUsd: 0.006 },
    'me-south-1': { vcpuHourUsd: 0.0526, gbHourUsd: 0.0058 },
    'ap-south-1': { vcpuHourUsd: 0.04256, gbHourUsd: 0.004655 },
    'ap-east-1': { vcpuHourUsd: 0.0556, gbHourUsd: 0.0061 },
    'ap-southeast-1': { vcpuHourUsd: 0.05056, gbHourUsd: 0.00553 },
    'ap-southeast-2': { vcpuHourUsd: 0.04856, gbHourUsd: 0.00532 },
    'ap-northeast-1': { vcpuHourUsd: 0.05056, gbHourUsd: 0.00553 },
    'ap-northeast-2': { vcpuHourUsd: 0.04656, gbHourUsd: 0.00511 },
  },
} as const;
