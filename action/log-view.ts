import type { Host } from './host.ts';
import type { StoppedCommands } from './stopped-commands.ts';

/** A run in the log of a workflow: a group for each stage, with the output of the tests in the last one. */
export interface LogView {
  /** Opens the group of a stage, unless it is open. */
  stage(title: string): Promise<void>;
  /** Writes a line about the run, unless it repeats the previous one. */
  say(line: string): void;
  /** Writes lines of the run's output. */
  output(lines: readonly string[]): Promise<void>;
  /** Ends the open group, so that what follows is visible immediately. */
  close(): Promise<void>;
}

export function createLogView(host: Host, commands: StoppedCommands): LogView {
  let open: string | undefined;
  let previous: string | undefined;

  async function close(): Promise<void> {
    await commands.resume();
    if (open !== undefined) host.endGroup();
    open = undefined;
  }

  return {
    async stage(title) {
      if (open === title) return;
      await close();
      host.startGroup(title);
      open = title;
    },
    say(line) {
      if (line === previous) return;
      previous = line;
      host.info(line);
    },
    output: (lines) => commands.print(lines),
    close,
  };
}
