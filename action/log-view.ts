import type { Host } from './host.ts';
import type { StoppedCommands } from './stopped-commands.ts';

/** A run in the log of a workflow: a group for each of its stages, and the output of the tests in the last. */
export interface LogView {
  /** Opens the group of a stage, unless it is open. */
  stage(title: string): Promise<void>;
  /** A line of ours, once: what was said last is not repeated. */
  say(line: string): void;
  /** Lines of the run's output. */
  output(lines: readonly string[]): Promise<void>;
  /** Ends the group that is open, so that what follows is seen at once. */
  close(): Promise<void>;
}

export function createLogView(host: Host, commands: StoppedCommands): LogView {
  let open: string | undefined;
  let said: string | undefined;

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
      if (line === said) return;
      said = line;
      host.info(line);
    },
    output: (lines) => commands.print(lines),
    close,
  };
}
