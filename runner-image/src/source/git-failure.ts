import { RunnerError, type RunnerErrorCode } from '../runner-error.ts';

interface KnownFailure {
  /** Matches git's messages with `LC_ALL=C`. */
  readonly pattern: RegExp;
  readonly code: RunnerErrorCode;
  readonly advice: string;
}

/** The first match explains the failure. */
const knownFailures: readonly KnownFailure[] = [
  {
    pattern: /No space left on device|Disk quota exceeded/i,
    code: 'disk_full',
    advice: 'The disk is full, so the checkout failed. Give the task more disk.',
  },
  {
    pattern:
      /transport '.*' not allowed|is not allowed|unknown transport|strange hostname|unsupported URL protocol/i,
    code: 'source_refused',
    advice: 'Berth does not allow this kind of URL. Use https, ssh, or file.',
  },
  {
    pattern: /Host key verification failed|No .* host key is known/i,
    code: 'authentication_refused',
    advice: "The server's host key does not match. Check the known hosts of the project's ssh key.",
  },
  {
    pattern:
      /Permission denied|Authentication failed|could not read (Username|Password)|requested URL returned error: 40[13]|terminal prompts disabled|invalid credentials/i,
    code: 'authentication_refused',
    advice:
      'The server denied access, or the repository does not exist. Check the URL and the permissions of the credentials.',
  },
  {
    pattern:
      /repository '.*' not found|Repository not found|does not appear to be a git repository|does not exist|requested URL returned error: 4(04|10)|not valid: is this a git repository|no such repository/i,
    code: 'repository_not_found',
    advice: 'The repository does not exist. Check its URL.',
  },
  {
    pattern: /couldn't find remote ref|Remote branch .* not found/i,
    code: 'branch_not_found',
    advice: 'The repository does not have this branch. It may have been deleted, or not pushed yet.',
  },
  {
    pattern:
      /not our ref|unadvertised object|no such remote ref|unexpected disconnect while reading sideband packet.*not our ref/i,
    code: 'commit_not_found',
    advice: 'The repository does not have this commit. A force push may have removed it.',
  },
  {
    pattern:
      /Could not resolve host|Failed to connect|Couldn't connect|Connection (refused|reset|timed out|closed)|Operation timed out|Network is unreachable|No route to host|SSL|TLS|certificate|early EOF|unexpected disconnect|hung up unexpectedly|RPC failed|requested URL returned error: (429|5\d\d)|unable to access/i,
    code: 'source_unreachable',
    advice: 'The repository server could not be reached. Check its address and the network of the task.',
  },
];

/**
 * @param stderr git's messages, in English
 * @returns the failure, with git's message
 */
export function gitFailure(stderr: string): RunnerError {
  const known = knownFailures.find(({ pattern }) => pattern.test(stderr));
  const { code, advice } = known ?? {
    code: 'source_unreachable' as const,
    advice: 'The repository could not be fetched.',
  };
  const words = lastWords(stderr);
  return new RunnerError(code, words === '' ? advice : `${advice} Git said: ${words}`);
}

/** The first line with an error says more than the lines after it. */
function lastWords(stderr: string): string {
  const lines = stderr
    .split(/[\r\n]+/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const telling = lines.find((line) => /^(remote: )?(fatal|error):/i.test(line)) ?? lines.at(-1) ?? '';
  return telling.slice(0, 400);
}
