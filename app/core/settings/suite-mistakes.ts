import { isPosixShell } from '../model/rerun.ts';
import { isImageName } from '../model/service.ts';
import {
  type Combination,
  combinationName,
  combinationsOf,
  template,
  usedVariables,
  withCombination,
} from './suite-matrix.ts';
import { needsMistakes } from './suite-needs.ts';
import { type SuiteSettings, suiteName, suiteShape } from './suite-schema.ts';

export const mostSuites = 50;

interface SuiteMistake {
  readonly path: string[];
  readonly message: string;
}

type Defaults = Partial<SuiteSettings>;

/** Finds mistakes between the keys of the suites. */
export function suiteMistakes(
  suites: Readonly<Record<string, SuiteSettings>>,
  defaults: Defaults = {},
): SuiteMistake[] {
  // The schema says so. Comparing thousands of suites would take too long.
  if (Object.keys(suites).length > mostSuites) return [];
  const all = Object.entries(suites).map(([name, suite]) => ({
    name,
    suite,
    combinations: suite.matrix === undefined ? undefined : combinationsOf(suite.matrix),
  }));
  const count = all.reduce((sum, { combinations }) => sum + (combinations?.length ?? 1), 0);
  if (count > mostSuites)
    return [{ path: [], message: `at most ${mostSuites} suites, counting each combination of a matrix` }];
  const taken = new Set(Object.keys(suites));
  const mistakes: SuiteMistake[] = [...needsMistakes(suites)];
  for (const { name, suite, combinations } of all) {
    mistakes.push(
      ...contradictions(name, suite, defaults),
      ...unknownVariables(name, suite, defaults, combinations),
      ...nameMistakes(name, suite, combinations, taken),
      ...imageMistakes(name, { ...defaults, ...suite }, combinations),
      ...filledMistakes(name, { ...defaults, ...suite }, combinations),
    );
  }
  return mistakes;
}

function contradictions(name: string, suite: SuiteSettings, defaults: Defaults): SuiteMistake[] {
  const mistakes: SuiteMistake[] = [];
  if (suite['working-directory'] !== undefined && suite.checkout?.path !== undefined)
    mistakes.push({
      path: [name, 'working-directory'],
      message: '`checkout.path` sets the same directory: remove one of the two',
    });
  if (suite.rerun !== undefined && !isPosixShell(suite.shell ?? defaults.shell))
    mistakes.push({
      path: [name, 'rerun'],
      message: '`rerun` needs a POSIX shell: remove it, or use bash or sh',
    });
  if (suite.role !== undefined && (suite.stack ?? defaults.stack) === false)
    mistakes.push({
      path: [name, 'role'],
      message: '`role` has no effect without a stack: remove it, or allow a stack',
    });
  return mistakes;
}

/** The defaults of all suites may use variables that only some of them have. */
function unknownVariables(
  name: string,
  suite: SuiteSettings,
  defaults: Defaults,
  combinations: readonly Combination[] | undefined,
): SuiteMistake[] {
  const known = new Set(combinations?.flatMap((one) => Object.keys(one)));
  const used = usedVariables(combinations === undefined ? suite : { ...defaults, ...suite });
  const unknown = used.find((variable) => !known.has(variable));
  return unknown === undefined
    ? []
    : [{ path: [name], message: `the matrix has no variable \`${unknown}\`` }];
}

/** @param taken the names of suites so far; those of the combinations are added. */
function nameMistakes(
  name: string,
  { matrix }: SuiteSettings,
  combinations: readonly Combination[] | undefined,
  taken: Set<string>,
): SuiteMistake[] {
  if (matrix === undefined || combinations === undefined) return [];
  const path = [name, 'matrix'];
  if (combinations.length === 0) return [{ path, message: 'the matrix has no combination' }];
  return combinations.flatMap((combination) => {
    const own = combinationName(name, matrix, combination);
    const isTaken = taken.has(own);
    taken.add(own);
    if (!suiteName.safeParse(own).success)
      return [{ path, message: `\`${own}\` cannot be the name of a suite: use shorter values` }];
    return isTaken ? [{ path, message: `two suites would have the name \`${own}\`` }] : [];
  });
}

/** The values of a matrix can make an invalid name of an image. */
function imageMistakes(
  name: string,
  suite: SuiteSettings,
  combinations: readonly Combination[] = [{}],
): SuiteMistake[] {
  const images = combinations.flatMap((one) => withCombination(suite, one).services ?? []);
  const wrong = images.find(({ image }) => !isImageName(image));
  if (wrong === undefined) return [];
  const message = `\`${wrong.image}\` is not the name of a container image`;
  return [{ path: [name, 'services', wrong.name, 'image'], message }];
}

/** Keys in which variables are not replaced. */
const plainKeys = ['cache', 'paths', 'paths-ignore', 'branches'] as const;

/** The values of a matrix obey the rules of the keys that they are part of. */
function filledMistakes(
  name: string,
  suite: SuiteSettings,
  combinations: readonly Combination[] = [],
): SuiteMistake[] {
  if (combinations.length === 0) return [];
  const plain = plainKeys.find((key) => JSON.stringify(suite[key] ?? '').search(template) !== -1);
  if (plain !== undefined)
    return [{ path: [name, plain], message: `variables of the matrix have no effect in \`${plain}\`` }];
  for (const combination of combinations) {
    const filled = withCombination(suite, combination);
    for (const key of ['working-directory', 'image', 'rerun', 'junit', 'artifacts'] as const) {
      const [issue] = suiteShape[key].safeParse(filled[key]).error?.issues ?? [];
      if (issue !== undefined)
        return [{ path: [name, key], message: `with the values of the matrix: ${issue.message}` }];
    }
  }
  return [];
}
