import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Interrupts } from './cli/cli-context.ts';
import { exitCodes } from './cli/exit-codes.ts';
import { localGit } from './cli/git.ts';
import { runCli } from './cli/run-cli.ts';
import { openTerminal } from './cli/terminal.ts';
import { readConfig, readEnvironment } from './config.ts';

const signals = ['SIGINT', 'SIGTERM'] as const;

/** The first signal is a wish, the second an order. */
function processInterrupts(): Interrupts {
  const handlers: (() => void)[] = [];
  let count = 0;
  const onSignal = () => {
    count += 1;
    const handler = handlers.at(-1);
    if (count > 1 || handler === undefined) process.exit(exitCodes.cancelled);
    handler();
  };
  for (const signal of signals) process.on(signal, onSignal);
  return {
    handle(handler) {
      handlers.push(handler);
      return () => void handlers.splice(handlers.indexOf(handler), 1);
    },
  };
}

/** `berth logs … | head` closes the pipe before all is written: that is no failure. */
function endWithPipe(stream: NodeJS.WriteStream): void {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit(process.exitCode ?? exitCodes.succeeded);
  });
}

function packageVersion(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  const { version }: { version: string } = JSON.parse(text);
  return version;
}

endWithPipe(process.stdout);
endWithPipe(process.stderr);
const env = readEnvironment();
process.exitCode = await runCli(process.argv.slice(2), {
  version: packageVersion(),
  terminal: openTerminal({ stdout: process.stdout, stderr: process.stderr, env }),
  env,
  directory: process.cwd(),
  transport: {
    fetch: globalThis.fetch,
    sleep: (milliseconds, signal) =>
      sleep(milliseconds, undefined, { ...(signal === undefined ? {} : { signal }) }),
    now: () => new Date(),
    chance: Math.random,
  },
  git: localGit(env),
  interrupts: processInterrupts(),
  unique: randomUUID,
  startServer: async (changes) => {
    const config = readConfig(changes);
    // Only here, for most commands start no server and should not wait for it to be read.
    const { serve } = await import('./main.ts');
    return { ...(await serve(config)), dataDir: config.dataDir };
  },
});
