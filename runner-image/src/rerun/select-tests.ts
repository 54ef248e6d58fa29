import { relative } from 'node:path/posix';
import { shellWord } from '../../../app/lib/shell-word.ts';
import type { FoundTool, ToolName } from './find-tool.ts';
import { type FailedTest, fullNames, namePattern, titlePattern } from './name-patterns.ts';
import type { HelpedTool } from './tool-helpers.ts';

/** How a command is changed so that it runs only some tests. */
export interface Selection {
  readonly command: string;
  /** Selects the tests in place of arguments. */
  readonly helper?: HelpedTool;
}

export interface SelectOptions {
  /** The command of the suite. */
  readonly command: string;
  readonly tests: readonly FailedTest[];
}

type Select = (tool: FoundTool, options: SelectOptions) => Selection | undefined;

/** @returns undefined if the tool cannot select these tests. */
export function selectTests(tool: FoundTool, options: SelectOptions): Selection | undefined {
  return hasOwnSelection(tool) ? undefined : select[tool.name](tool, options);
}

/** Options of each tool that select tests by name: a second one replaces the first, or is an error. */
const ownSelection: Partial<Record<ToolName, RegExp>> = {
  jest: /^(?:-t|--testNamePattern|--findRelatedTests|--listTests)(?:=|$)/,
  vitest: /^(?:-t|--testNamePattern|--watch|-w|bench|list|related)(?:=|$)/,
  mocha: /^(?:-g|--grep|-f|--fgrep|-i|--invert|-w|--watch)(?:=|$)/,
  'node --test': /^--test-(?:name|skip)-pattern(?:=|$)/,
  'go test': /^-{1,2}(?:test\.)?(?:run|skip|args|bench|list|fuzz)(?:=|$)/,
  'cargo nextest': /^(?:-E|--filter-?expr|--filterset|--|list)(?:=|$)/,
  Playwright: /^(?:-g|--grep|--grep-invert|--list|--ui)(?:=|$)/,
  rspec: /^(?:-e|--example|-E|--example-matches)(?:=|$)/,
  Maven: /^-D(?:test|it\.test)=/,
  Gradle: /^--tests(?:=|$)/,
};

function hasOwnSelection({ name, args }: FoundTool): boolean {
  return args.some((argument) => ownSelection[name]?.test(argument) === true);
}

const select: Record<ToolName, Select> = {
  jest(tool, { tests }) {
    const files = filesOf(tool, tests);
    const paths = files === undefined ? '' : ` --runTestsByPath ${files.map(shellWord).join(' ')}`;
    return { command: tool.append(`--testNamePattern=${shellWord(namePattern(tests))}${paths}`) };
  },
  vitest(tool, { tests }) {
    const paths = (filesOf(tool, tests) ?? []).map((file) => ` ${shellWord(file)}`).join('');
    return { command: tool.append(`--testNamePattern=${shellWord(namePattern(tests))}${paths}`) };
  },
  mocha: (tool, { tests }) => ({ command: tool.append(`--grep=${shellWord(namePattern(tests))}`) }),
  // Options of node come before its files, which a script may name.
  'node --test': (_tool, { command }) => ({ command, helper: 'node' }),
  pytest: (_tool, { command }) => ({ command, helper: 'pytest' }),
  'go test': selectGo,
  'cargo nextest'(tool, { tests }) {
    // Without it, nextest ends at the first failure, so the earlier results are not all.
    if (!tool.args.includes('--no-fail-fast')) return undefined;
    if (tests.some(({ name }) => !/^[\w:]+$/.test(name))) return undefined;
    return { command: tool.append(`-E ${shellWord(tests.map(({ name }) => `test(=${name})`).join(' | '))}`) };
  },
  Playwright(tool, { tests }) {
    const files = (filesOf(tool, tests) ?? []).map((file) => file.replace(/[^\w/-]/g, '.'));
    const paths = files.map((file) => ` ${shellWord(file)}`).join('');
    return { command: tool.append(`--grep=${shellWord(titlePattern(tests))}${paths}`) };
  },
  rspec(tool, { tests }) {
    const names = [...new Set(tests.flatMap(fullNames))];
    return { command: tool.append(names.map((name) => `-e ${shellWord(name)}`).join(' ')) };
  },
  Maven(tool, { tests }) {
    const methods = methodsByClass(tests);
    if (methods === undefined) return undefined;
    const selected = [...methods].map(([name, of]) => `${name}#${[...of].join('+')}`).join(',');
    const isOfFailsafe = runsFailsafe(tool) && [...methods.keys()].every(isIntegrationTest);
    // If unit tests failed, no integration test ran, so all of them run.
    const option = isOfFailsafe
      ? `-Dtest=none -Dit.test=${shellWord(selected)}`
      : `-Dtest=${shellWord(selected)}`;
    const empty = isOfFailsafe ? ' -Dfailsafe.failIfNoSpecifiedTests=false' : '';
    return { command: tool.append(`${option} -Dsurefire.failIfNoSpecifiedTests=false${empty}`) };
  },
  Gradle(tool, { command, tests }) {
    const methods = methodsByClass(tests);
    const task = tool.words?.findLast(({ text }) => /^(?::?[\w-]+)*:?test$/.test(text));
    if (methods === undefined || task === undefined) return undefined;
    const names = [...methods].flatMap(([name, of]) => [...of].map((method) => `${name}.${method}`));
    const options = names.map((name) => ` --tests ${shellWord(name)}`).join('');
    return { command: `${command.slice(0, task.end)}${options}${command.slice(task.end)}` };
  },
};

/** A file of tests by its name, as the usual tools look for them. */
const testFile =
  /(?:[._-](?:test|tests|spec|e2e|cy)\.[cm]?[jt]sx?|(?:^|\/)(?:__tests__|tests?|specs?|e2e)\/.*\.[cm]?[jt]sx?)$/i;

/**
 * The files of the tests, as the tool sees them.
 *
 * @returns undefined if one is not known, or has a name that package managers may not pass on as it is.
 */
function filesOf({ directory }: FoundTool, tests: readonly FailedTest[]): string[] | undefined {
  const files = [...new Set(tests.map(({ file }) => file))];
  const isKnown = (file: string | undefined): file is string =>
    file !== undefined && testFile.test(file) && /^[\w@+=:,./ ()[\]-]+$/.test(file);
  return files.every(isKnown) ? files.map((file) => relative(directory, file)) : undefined;
}

/** Tests of Go are selected by function: a subtest runs with the others of its test. */
function selectGo(tool: FoundTool, { command, tests }: SelectOptions): Selection | undefined {
  const functions = [...new Set(tests.map(({ name }) => name.split('/')[0] ?? ''))];
  if (functions.some((name) => !/^\w+$/.test(name.replace(/[^\x20-\x7e]/g, '_')))) return undefined;
  const run = `-run=${shellWord(`^(?:${functions.map((name) => name.replace(/\W/g, '.')).join('|')})$`)} -count=1`;
  const all = tool.words?.find(({ text }) => text === './...');
  const packages = [...new Set(tests.map(({ group }) => group))];
  if (all === undefined || packages.some((name) => !/^[\w.~/-]+$/.test(name) || name.startsWith('-')))
    return { command: tool.append(run) };
  // Other packages need not be compiled.
  const named = packages.map(shellWord).join(' ');
  return { command: `${command.slice(0, all.start)}${named}${command.slice(all.end).trimEnd()} ${run}` };
}

/** The phases of Maven in which failsafe runs integration tests, and those after them. */
function runsFailsafe({ args }: FoundTool): boolean {
  return args.some((word) => /^(?:integration-test|verify|install|deploy|failsafe:.*)$/.test(word));
}

/** The names of the classes that failsafe runs by default, and surefire does not. */
function isIntegrationTest(name: string): boolean {
  return /^(?:IT.*|.*IT|.*ITCase)$/.test(name.slice(name.lastIndexOf('.') + 1).split('$')[0] ?? '');
}

/** @returns undefined if a name is not that of a class and a method. */
function methodsByClass(tests: readonly FailedTest[]): ReadonlyMap<string, ReadonlySet<string>> | undefined {
  const methods = new Map<string, Set<string>>();
  for (const { name, group } of tests) {
    // Parameterized tests have their arguments after the name.
    const method = /^([A-Za-z_$][\w$]*)(?:[([{].*)?$/s.exec(name)?.[1];
    if (method === undefined || !/^(?:[A-Za-z_$][\w$]*\.)*[A-Za-z_$][\w$]*$/.test(group)) return undefined;
    methods.set(group, new Set([...(methods.get(group) ?? []), method]));
  }
  return methods;
}
