import { execFile } from 'node:child_process';
import { CliError } from './cli-error.ts';
import { exitCodes } from './exit-codes.ts';

/** Runs git in a directory and returns its output; undefined if it exited with an error. */
export type Git = (args: readonly string[], directory: string) => Promise<string | undefined>;

const maxOutputBytes = 16 * 1024 * 1024;

/**
 * Finds git on this machine.
 *
 * @param env its environment; prompts are turned off and its messages kept in English.
 * @returns a function that throws CliError `git_missing` if git is not installed.
 */
export function localGit(env: Readonly<Record<string, string | undefined>>): Git {
  return (args, directory) =>
    new Promise((resolve, reject) => {
      const options = {
        cwd: directory,
        maxBuffer: maxOutputBytes,
        env: { ...env, LC_ALL: 'C', GIT_TERMINAL_PROMPT: '0', GIT_OPTIONAL_LOCKS: '0' },
      };
      execFile('git', args, options, (error, stdout) => {
        if (error === null) resolve(stdout);
        else if (error.code === 'ENOENT') reject(gitMissing(error));
        else resolve(undefined);
      });
    });
}

function gitMissing(cause: unknown): CliError {
  return new CliError('git_missing', 'There is no `git` on this machine.', {
    exitCode: exitCodes.usage,
    hint: 'Install git (https://git-scm.com/downloads). Berth uses it to fetch commits.',
    cause,
  });
}
