/** What the account may have at once. */
export interface Quotas {
  /**
   * CPU units of all tasks together, 1024 to a vCPU.
   *
   * @returns undefined where Berth may not know.
   * @throws where nobody can tell at the moment.
   */
  taskCpuUnits(): Promise<number | undefined>;
}
