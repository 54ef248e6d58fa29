export interface Quotas {
  /**
   * CPU units of all tasks together, 1024 to a vCPU.
   *
   * @returns undefined if Berth has no permission to read it.
   * @throws if the quota is unknown at the moment.
   */
  taskCpuUnits(): Promise<number | undefined>;
}
