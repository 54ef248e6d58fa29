import type { Host } from './host.ts';

/**
 * Prints what strangers wrote without the runner acting on it: tests may print `::set-output` or `::add-mask`, and the
 * runner obeys such lines unless it was told to stop.
 * https://docs.github.com/actions/reference/workflow-commands-for-github-actions#stopping-and-starting-workflow-commands
 */
export interface StoppedCommands {
  print(lines: readonly string[]): Promise<void>;
  /** Lets commands act again: before any of our own. */
  resume(): Promise<void>;
  /** What has to be printed for commands to act again; empty where they do. For the very end of a process. */
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
      // Nobody can know the token; that a line holds it all the same would be the end of the protection.
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
