/** The job that a step of the action is part of: its log, its files, its clock. Tests hand in another one. */
export interface Host {
  /** Writes text to the log as it is, and waits where the log is slower than we are. */
  print(text: string): Promise<void>;
  /** A line of our own. */
  info(line: string): void;
  warning(message: string): void;
  /** Marks the job as failed, with the reason. */
  fail(message: string): void;
  /** A failed test, at its line where that is known. */
  annotate(message: string, place: Place): void;
  startGroup(title: string): void;
  endGroup(): void;
  setOutput(name: string, value: string): void;
  /** Sets a variable for the steps that follow. */
  exportVariable(name: string, value: string): void;
  /** Keeps a value for the post step; written at once, so that it is there when this process is killed. */
  saveState(name: string, value: string): void;
  appendSummary(markdown: string): Promise<void>;
  /** Milliseconds since some moment. */
  now(): number;
  /** Resolves after a while, and at once where `signal` fires. */
  pause(milliseconds: number, signal?: AbortSignal): Promise<void>;
  /** Something that nobody can guess, of hexadecimal digits. */
  secret(): string;
}

export interface Place {
  readonly title: string;
  readonly file?: string;
  readonly startLine?: number;
}
