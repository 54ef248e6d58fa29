import { combinationName, combinationsOf } from './suite-matrix.ts';
import type { SuiteSettings } from './suite-schema.ts';

type Suites = Readonly<Record<string, Pick<SuiteSettings, 'needs' | 'matrix'>>>;

interface NeedsMistake {
  readonly path: string[];
  readonly message: string;
}

/** Finds needs of suites that do not exist, and suites that need each other. */
export function needsMistakes(suites: Suites): NeedsMistake[] {
  return Object.entries(suites).flatMap(([name, { needs = [] }]) => {
    const path = [name, 'needs'];
    const unknown = needs.find((needed) => !Object.hasOwn(suites, needed));
    if (unknown !== undefined) return [{ path, message: `there is no suite \`${unknown}\`` }];
    if (needs.includes(name)) return [{ path, message: `\`${name}\` cannot need itself` }];
    if (!allNeeds(suites, name).has(name)) return [];
    const other = needs.find((needed) => allNeeds(suites, needed).has(name)) ?? '';
    return [
      { path, message: `\`${name}\` and \`${other}\` need each other, directly or through other suites` },
    ];
  });
}

/**
 * Lists the suites that a suite waits for: those that it needs, and those that they need. A suite with a matrix stands
 * for all of its combinations.
 */
export function neededSuites(suites: Suites, name: string): string[] {
  return [...allNeeds(suites, name)].flatMap((needed) => {
    const matrix = suites[needed]?.matrix;
    return matrix === undefined
      ? [needed]
      : combinationsOf(matrix).map((combination) => combinationName(needed, matrix, combination));
  });
}

function allNeeds(suites: Suites, name: string): ReadonlySet<string> {
  const found = new Set<string>();
  const open = [...(suites[name]?.needs ?? [])];
  for (let next = open.shift(); next !== undefined; next = open.shift()) {
    if (found.has(next)) continue;
    found.add(next);
    open.push(...(suites[next]?.needs ?? []));
  }
  return found;
}
