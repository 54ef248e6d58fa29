/** The job that a step belongs to: its log, files and clock. Tests provide their own. */
export interface Host {
  /** Writes text to the log unchanged, and waits while the log is slower. */
  print(text: string): Promise<void>;
  info(line: string): void;
  warning(message: string): void;
  /** Marks the job as failed, with the reason. */
  fail(message: string): void;
  /** Marks a failed test, at its line if known. */
  annotate(message: string, place: Place): void;
  startGroup(title: string): void;
  endGroup(): void;
  setOutput(name: string, value: string): void;
  /** Sets a variable for the steps that follow. */
  exportVariable(name: string, value: string): void;
  /** Keeps a value for the post step; written immediately, since this process may be killed. */
  saveState(name: string, value: string): void;
  appendSummary(markdown: string): Promise<void>;
  /** Milliseconds since the epoch. */
  now(): number;
  /** Resolves after a while, or earlier if `signal` fires. */
  pause(milliseconds: number, signal?: AbortSignal): Promise<void>;
  /** Returns an unpredictable text of hexadecimal digits. */
  secret(): string;
  /** Returns a uniform random number in [0, 1). */
  random(): number;
}

export interface Place {
  readonly title: string;
  readonly file?: string;
  readonly startLine?: number;
}
