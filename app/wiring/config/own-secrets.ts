import { matchesName, namesIn, passMoreVariable } from '../../core/model/task-environment.ts';
import type { Mistake } from './mistakes.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** How the server uses its environment. */
export interface OwnUse {
  /** The environment configures a GitHub App. */
  readonly hasApp: boolean;
  /** The server itself calls AWS. */
  readonly usesAws: boolean;
  readonly taskEnv: 'clean' | 'user';
}

const ofApp = ['WEBHOOK_SECRET', 'PRIVATE_KEY', 'GITHUB_CLIENT_SECRET'];
const ofAws = [
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'AWS_PROFILE',
  'AWS_SHARED_CREDENTIALS_FILE',
  'AWS_WEB_IDENTITY_TOKEN_FILE',
  'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI',
  'AWS_CONTAINER_CREDENTIALS_FULL_URI',
  'AWS_CONTAINER_AUTHORIZATION_TOKEN',
];

/**
 * Finds settings that would give secrets of the server to every test.
 *
 * @returns a mistake for each setting. `BERTH_*` variables never reach a test, so naming one is a mistake too.
 */
export function passedSecrets(
  environment: Environment,
  { hasApp, usesAws, taskEnv }: OwnUse,
): readonly Mistake[] {
  const own = [...(hasApp ? ofApp : []), ...(usesAws ? ofAws : [])].filter(
    (name) => (environment[name] ?? '') !== '',
  );
  const patterns = namesIn(environment[passMoreVariable]);
  const named = patterns.filter((pattern) => pattern.startsWith('BERTH_'));
  const matched = own.filter((name) => patterns.some((pattern) => matchesName(name, pattern)));
  const mistakes = [];
  if (named.length > 0 || matched.length > 0) {
    const names = [...named, ...matched].join(', ');
    mistakes.push({ path: passMoreVariable, message: `must not pass secrets of the server: ${names}` });
  }
  if (taskEnv === 'user' && own.length > 0) {
    mistakes.push({
      path: 'BERTH_TASK_ENV',
      message: `must be clean: user would pass secrets of the server (${own.join(', ')})`,
    });
  }
  return mistakes;
}
