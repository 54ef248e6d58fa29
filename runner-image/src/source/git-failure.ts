import { RunnerError, type RunnerErrorCode } from '../runner-error.ts';

interface KnownFailure {
  /** Found in what git says under `LC_ALL=C`. */
  readonly pattern: RegExp;
  readonly code: RunnerErrorCode;
  readonly advice: string;
}

/** Read from the top: the first that matches says what went wrong. */
const knownFailures: readonly KnownFailure[] = [
  {
    pattern: /No space left on device|Disk quota exceeded/i,
    code: 'disk_full',
    advice: 'There was no room on the disk for the checkout: give the task more disk.',
  },
  {
    pattern:
      /transport '.*' not allowed|is not allowed|unknown transport|strange hostname|unsupported URL protocol/i,
    code: 'source_refused',
    advice: 'The repository is served in a way that Berth does not allow: use https, ssh or file.',
  },
  {
    pattern: /Host key verification failed|No .* host key is known/i,
    code: 'authentication_refused',
    advice:
      "The server's host key is not the one that was expected: check the known hosts of the project's ssh key.",
  },
  {
    pattern:
      /Permission denied|Authentication failed|could not read (Username|Password)|requested URL returned error: 40[13]|terminal prompts disabled|invalid credentials/i,
    code: 'authentication_refused',
    advice:
      'The server refused access, or has no such repository and does not say so: check the URL, and that the credentials may read it.',
  },
  {
    pattern:
      /repository '.*' not found|Repository not found|does not appear to be a git repository|does not exist|requested URL returned error: 4(04|10)|not valid: is this a git repository|no such repository/i,
    code: 'repository_not_found',
    advice: 'There is no such repository: check its URL.',
  },
  {
    pattern: /couldn't find remote ref|Remote branch .* not found/i,
    code: 'branch_not_found',
    advice: 'The repository has no such branch: it may have been deleted, or not pushed yet.',
  },
  {
    pattern:
      /not our ref|unadvertised object|no such remote ref|unexpected disconnect while reading sideband packet.*not our ref/i,
    code: 'commit_not_found',
    advice: 'The repository has no such commit: it may have been removed by a force push.',
  },
  {
    pattern:
      /Could not resolve host|Failed to connect|Couldn't connect|Connection (refused|reset|timed out|closed)|Operation timed out|Network is unreachable|No route to host|SSL|TLS|certificate|early EOF|unexpected disconnect|hung up unexpectedly|RPC failed|requested URL returned error: (429|5\d\d)|unable to access/i,
    code: 'source_unreachable',
    advice:
      'The server of the repository could not be reached: check its address, and the way out of the network.',
  },
];

/**
 * @param stderr what git said, in English.
 * @returns what went wrong, with git's last words.
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

/** The first line that names an error says more than the ones after it. */
function lastWords(stderr: string): string {
  const lines = stderr
    .split(/[\r\n]+/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const telling = lines.find((line) => /^(remote: )?(fatal|error):/i.test(line)) ?? lines.at(-1) ?? '';
  return telling.slice(0, 400);
}
