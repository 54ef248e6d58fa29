import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeDirectory } from '../adapters/files/make-directory.ts';
import type { Interrupts } from '../cli/cli-context.ts';
import { exitCodes } from '../cli/exit-codes.ts';
import { localGit } from '../cli/git.ts';
import { runCli } from '../cli/run-cli.ts';
import { openTerminal } from '../cli/terminal.ts';
import { omitUndefined } from '../lib/omit-undefined.ts';
import { readConfig, readEnvironment } from './config/config.ts';
import { forgetSecrets, isolatedEnvironment } from './config/variables.ts';
import { guardOwnServer } from './guard-own-server.ts';
import { packageVersion } from './package-root.ts';

const signals = ['SIGINT', 'SIGTERM'] as const;

const reasons = {
  SIGINT: 'Canceled with Ctrl-C.',
  SIGTERM: 'Canceled because berth was terminated (SIGTERM).',
};

/** The first signal asks the command to end, the second one ends the process. */
function processInterrupts(): Interrupts & { interrupt(reason: string, exitCode: number): void } {
  const interrupted = new AbortController();
  let isTaken = false;
  const interrupt = (reason: string, exitCode: number) => {
    if (!isTaken) process.exit(exitCode);
    interrupted.abort(reason);
  };
  for (const signal of signals) {
    process.on(signal, () => {
      if (interrupted.signal.aborted) process.exit(exitCodes.cancelled);
      interrupt(reasons[signal], exitCodes.cancelled);
    });
  }
  return {
    interrupt,
    take() {
      isTaken = true;
      return interrupted.signal;
    },
  };
}

/** `berth logs … | head` closes the pipe early: the reader has read enough. The command succeeds. */
function endWithReader(stream: NodeJS.WriteStream, interrupt: typeof interrupts.interrupt): void {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    interrupt('Canceled because the output of berth was closed.', exitCodes.succeeded);
  });
}

const interrupts = processInterrupts();
for (const stream of [process.stdout, process.stderr]) endWithReader(stream, interrupts.interrupt);
const env = readEnvironment();
process.exitCode = await runCli(process.argv.slice(2), {
  version: packageVersion(),
  terminal: openTerminal({ stdout: process.stdout, stderr: process.stderr, env }),
  env,
  directory: process.cwd(),
  transport: {
    fetch: globalThis.fetch,
    sleep: (milliseconds, signal) => sleep(milliseconds, undefined, omitUndefined({ signal })),
    now: () => new Date(),
    random: Math.random,
  },
  git: localGit(env),
  interrupts,
  unique: randomUUID,
  makeDirectory,
  runDoctor: async ({ aws, changes }) => {
    if (aws) return (await import('./doctor/aws-doctor.ts')).checkAws(env);
    const { runDoctor } = await import('./server.ts');
    return runDoctor(readConfig(changes));
  },
  manageAws: async (action, request) => {
    const { manageAws } = await import('./aws-install/aws-installer.ts');
    const print = (line: string) => process.stdout.write(`${line}\n`);
    return manageAws(action, request, { env, print });
  },
  isolatedEnvironment,
  createKeyOffline: async (key, changes) => {
    const { createKeyOffline } = await import('./create-key-offline.ts');
    return createKeyOffline(readConfig(changes), key);
  },
  prune: async (limits, changes) => {
    const { pruneOffline } = await import('./prune-offline.ts');
    return pruneOffline(readConfig(changes), limits);
  },
  guardOwnServer,
  startServer: async (changes) => {
    const config = readConfig(changes);
    forgetSecrets();
    // Loaded only here: most commands start no server and should not wait for it.
    const { serve } = await import('./server.ts');
    return { ...(await serve(config)), dataDir: config.dataDir };
  },
});
