import type { GuessedCommand, RepositoryGlance } from '../model/repository-glance.ts';

const report = 'berth-junit.xml';
const pytest = `pytest --junitxml=${report}`;
const venv = '.berth-venv';

/** Files that only a Python project has. */
const projectFiles = [
  'pyproject.toml',
  'pytest.ini',
  'conftest.py',
  'setup.py',
  'setup.cfg',
  'tox.ini',
  'Pipfile',
];
const requirementFiles = [
  'requirements.txt',
  'requirements-dev.txt',
  'requirements-test.txt',
  'requirements-tests.txt',
  'dev-requirements.txt',
  'test-requirements.txt',
];
const testExtras = ['test', 'tests', 'testing', 'dev'];

/**
 * Guesses pytest, which also runs unittest's tests, with the tool that locks the repository's dependencies, or otherwise
 * in a virtual environment: many systems refuse to install next to their own packages (PEP 668).
 *
 * @param sign the required files: one that only a Python project has, or a list of requirements.
 */
export function guessPythonCommand(
  { names, texts }: RepositoryGlance,
  sign: 'project' | 'requirements',
): GuessedCommand | undefined {
  const found = (sign === 'project' ? projectFiles : requirementFiles).find((name) => names.has(name));
  if (found === undefined) return undefined;
  const guessed = (command: string, setup: string, because: string): GuessedCommand => ({
    setup,
    command,
    junit: [report],
    because,
  });
  if (names.has('uv.lock')) return guessed(`uv run ${pytest}`, 'uv sync --locked', 'there is a uv.lock');
  if (names.has('poetry.lock')) {
    return guessed(`poetry run ${pytest}`, 'poetry install', 'there is a poetry.lock');
  }
  if (names.has('Pipfile.lock')) {
    return guessed(`pipenv run ${pytest}`, 'pipenv sync --dev', 'there is a Pipfile.lock');
  }
  const packages = [
    'pytest',
    ...requirementFiles.filter((name) => names.has(name)).map((name) => `-r ${name}`),
    ...ownPackage(names, texts['pyproject.toml']),
  ];
  return guessed(
    `${venv}/bin/${pytest}`,
    `python3 -m venv ${venv} && ${venv}/bin/pip install -q ${packages.join(' ')}`,
    `there is a ${found}`,
  );
}

/** The repository itself as a requirement of pip, with the extras of its tests. */
function ownPackage(names: ReadonlySet<string>, pyproject: string | undefined): string[] {
  const tables = tablesOf(pyproject ?? '');
  if (!names.has('setup.py') && !tables.has('project') && !tables.has('build-system')) return [];
  const extras = testExtras.filter((extra) => tables.get('project.optional-dependencies')?.includes(extra));
  return [extras.length === 0 ? '-e .' : `-e '.[${extras.join(',')}]'`];
}

/** The tables of a TOML file with their keys, without values. */
function tablesOf(toml: string): ReadonlyMap<string, readonly string[]> {
  const tables = new Map<string, string[]>();
  let keys: string[] = [];
  for (const line of toml.split('\n')) {
    const table = /^\s*\[([\w.-]+)\]/.exec(line)?.[1];
    if (table !== undefined) {
      keys = tables.get(table) ?? [];
      tables.set(table, keys);
      continue;
    }
    const key = /^([\w-]+)\s*=/.exec(line.trim())?.[1];
    if (key !== undefined) keys.push(key);
  }
  return tables;
}
