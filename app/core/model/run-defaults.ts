export const runDefaults = {
  suite: 'default',
  /** One vCPU. */
  cpuUnits: 1024,
  memoryMib: 2048,
  timeoutSeconds: 1800,
  retries: 0,
} as const;
