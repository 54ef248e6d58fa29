type Environment = Readonly<Record<string, string | undefined>>;

/** The variables of the machine that the commands of a run see, if they are set. `*` matches any end of a name. */
export const passedVariables: readonly string[] = [
  'PATH',
  'HOME',
  'USER',
  'LOGNAME',
  'LANG',
  'LANGUAGE',
  'LC_*',
  'TZ',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'NO_PROXY',
  'ALL_PROXY',
  'http_proxy',
  'https_proxy',
  'no_proxy',
  'all_proxy',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'NODE_EXTRA_CA_CERTS',
  'REQUESTS_CA_BUNDLE',
  'CURL_CA_BUNDLE',
];

/** The variable that names more of them, separated by commas: `JAVA_HOME,GRADLE_*`. */
export const passMoreVariable = 'BERTH_PASS_ENV';

/** Set by npm for a script and by git for a hook, and wrong for other repositories. */
const ofOtherPrograms =
  /^(?:npm_.*|INIT_CWD|GIT_(?:DIR|WORK_TREE|INDEX_FILE|PREFIX|COMMON_DIR|OBJECT_DIRECTORY|ALTERNATE_OBJECT_DIRECTORIES|CONFIG.*|NAMESPACE|SHALLOW_FILE|INTERNAL_SUPER_PREFIX|QUARANTINE_PATH))$/;

/** Selects the variables that match the names. Berth's own are never among them. */
export function selectVariables(environment: Environment, names: readonly string[]): Record<string, string> {
  const selected = Object.entries(environment).flatMap(([name, value]) =>
    value !== undefined && !name.startsWith('BERTH_') && names.some((pattern) => matchesName(name, pattern))
      ? [[name, value] as const]
      : [],
  );
  return Object.fromEntries(selected);
}

/** Splits the value of {@link passMoreVariable}. */
export function namesIn(list: string | undefined): string[] {
  return (list ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

/**
 * The environment in which the process executor starts runners.
 *
 * @param kind `clean`: {@link passedVariables} without HOME, and what {@link passMoreVariable} names. `user`: all of the
 *   user's environment, so that tools find their settings, caches and sign-ins.
 */
export function taskEnvironment(environment: Environment, kind: 'clean' | 'user'): Record<string, string> {
  const more = namesIn(environment[passMoreVariable]);
  if (kind === 'user') {
    const own = Object.entries(environment).filter(([name]) => !ofOtherPrograms.test(name));
    return { ...selectVariables(Object.fromEntries(own), ['*']), [passMoreVariable]: '*' };
  }
  const names = [...passedVariables.filter((name) => name !== 'HOME'), ...more];
  return {
    ...selectVariables(environment, names),
    ...(more.length === 0 ? {} : { [passMoreVariable]: more.join(',') }),
  };
}

/** A `*` at the end of a pattern matches any end of the name. */
export function matchesName(name: string, pattern: string): boolean {
  return pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
}
