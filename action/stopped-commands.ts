import type { Host } from './host.ts';

/**
 * Prints output that is not trusted. Tests may print `::set-output` or `::add-mask`, and the runner executes such lines
 * unless commands are stopped.
 * https://docs.github.com/actions/reference/workflow-commands-for-github-actions#stopping-and-starting-workflow-commands
 */
export interface StoppedCommands {
  print(lines: readonly string[]): Promise<void>;
  /** Enables commands again: call it before a command of the action itself. */
  resume(): Promise<void>;
  /** Returns the text that enables commands again, empty if they are enabled. For the end of a process. */
  pending(): string;
}

export function createStoppedCommands(host: Host): StoppedCommands {
  let token: string | undefined;

  async function resume(): Promise<void> {
    if (token === undefined) return;
    const line = resumeLine();
    token = undefined;
    await host.print(line);
  }

  function resumeLine(): string {
    return token === undefined ? '' : `::${token}::\n`;
  }

  return {
    async print(lines) {
      if (lines.length === 0) return;
      const text = `${lines.join('\n')}\n`;
      // The token is unpredictable; a line that contains it would still end the protection.
      if (token !== undefined && text.includes(token)) await resume();
      if (token === undefined) {
        token = unusedToken(host, text);
        await host.print(`::stop-commands::${token}\n`);
      }
      await host.print(text);
    },
    resume,
    pending: resumeLine,
  };
}

function unusedToken(host: Host, text: string): string {
  for (;;) {
    const token = host.secret();
    if (!text.includes(token)) return token;
  }
}
