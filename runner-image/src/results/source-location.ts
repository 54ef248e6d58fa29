import { dirname, isAbsolute, join, normalize, relative } from 'node:path/posix';
import { omitUndefined } from '../../../app/lib/omit-undefined.ts';
import type { CheckoutIndex } from './checkout-index.ts';
import { type Frame, framesIn, jvmRoots } from './frames.ts';
import type { ResultCase } from './result-case.ts';

export interface SourceLocation {
  /** Relative to the checkout. */
  readonly file?: string;
  readonly line?: number;
}

export interface LocateOptions {
  /** The checkout's absolute paths: the given one, and the one with symbolic links resolved. */
  readonly roots: readonly string[];
  /** The result file's path, relative to the checkout. If omitted, the results were read from the output. */
  readonly resultPath?: string;
  readonly index: CheckoutIndex;
}

/** Directories of dependencies and tools, which traces also name. */
const foreign =
  /(?:^|\/)(?:node_modules|site-packages|dist-packages|\.venv|\.berth-venv|venv|\.tox|\.nox|\.git|vendor|\.cargo|\.yarn|\.pnpm|bower_components)\//;
/** Directories of the machine, whose files are never the suite's. */
const ofSystem = /^\/(?:usr\/(?!src\/)|lib|lib64|proc|sys|etc|dev|rustc)\b/;

/**
 * Finds the file and line of a failed test: from the result file, otherwise from the first place in its message or trace
 * that is a file of the checkout, otherwise from its class or package.
 */
export function locateFailure(testCase: ResultCase, options: LocateOptions): SourceLocation {
  const bases = basesOf(testCase, options);
  const find = (path: string, roots: readonly string[] = []) => resolve(path, [...roots, ...bases], options);
  const stated = testCase.file === undefined ? undefined : find(testCase.file);
  const own = stated ?? fileOfNames(testCase, options);
  let first: SourceLocation | undefined;
  for (const frame of framesIn(headingsLast(`${testCase.message ?? ''}\n${testCase.details ?? ''}`))) {
    const file = locate(frame, find, options);
    if (file === undefined) continue;
    const place = omitUndefined({ file, line: frame.line });
    if (own === undefined || own === file) return place;
    first ??= place;
  }
  if (stated !== undefined) return omitUndefined({ file: stated, line: testCase.line });
  return first ?? omitUndefined({ file: own });
}

/** Playwright begins with where the test is defined: `[chromium] › login.spec.ts:4:1 › logs in`. */
const heading = /^\s*(?:\[[^\]\n]{1,80}\] › )?\S{1,300}:\d{1,7}:\d{1,7} › /;

/** ginkgo writes where a spec is defined before its error: `a_test.go:10`, then an empty line. */
const specPlace = /^\S+:\d{1,7}\n(?=\n {2}\[(?:FAILED|PANICKED|TIMEDOUT|INTERRUPTED)\] )/gm;

function headingsLast(text: string): string {
  const lines = text.replace(specPlace, '').split('\n');
  return [...lines.filter((line) => !heading.test(line)), ...lines.filter((line) => heading.test(line))].join(
    '\n',
  );
}

type Find = (path: string, roots?: readonly string[]) => string | undefined;

function locate({ path, roots }: Frame, find: Find, { resultPath }: LocateOptions): string | undefined {
  if (roots === undefined) return find(path);
  const modules = ancestors(resultPath ?? '');
  return find(
    path,
    modules.flatMap((module) => roots.map((root) => join(module, root))),
  );
}

/** Directories that a path may be relative to, the most likely first. */
function basesOf({ group, hints = [] }: ResultCase, { resultPath = '', index }: LocateOptions): string[] {
  const names = [group, ...hints].map((name) => name.replaceAll('\\', '/').replace(/^\.\//, ''));
  const ofGo = names.flatMap((name) => goDirectory(name, index) ?? []);
  const ofPaths = names.filter((name) => /^[\w@.+-]+(?:\/[\w@.+ -]+)*$/.test(name) && name.length < 500);
  // The root of a tool is somewhere above the files that it names.
  const ofFiles = ofPaths.filter((name) => index.has(name)).flatMap(ancestors);
  const ofOthers = ofPaths.flatMap((name) => [...ancestors(name), name]);
  return [...new Set([...ofGo, ...ofFiles, ...ancestors(resultPath), ...ofOthers])].filter(
    (base) => !base.startsWith('..'),
  );
}

/** The directory of a Go package, by the modules of the checkout. */
function goDirectory(name: string, { goModules }: CheckoutIndex): string | undefined {
  let best: { readonly module: string; readonly directory: string } | undefined;
  for (const [module, directory] of goModules) {
    const isWithin = name === module || name.startsWith(`${module}/`);
    if (isWithin && module.length > (best?.module.length ?? -1)) best = { module, directory };
  }
  return best === undefined ? undefined : join(best.directory, name.slice(best.module.length + 1));
}

function resolve(path: string, bases: readonly string[], options: LocateOptions): string | undefined {
  const plain = plainPath(path);
  if (plain === '' || foreign.test(plain)) return undefined;
  const accept = (candidate: string | undefined) => {
    const inside = candidate === undefined ? '..' : normalize(candidate);
    const isInside = !inside.startsWith('..') && !isAbsolute(inside) && !foreign.test(inside);
    return isInside && options.index.has(inside) ? inside : undefined;
  };
  if (isAbsolute(plain)) return fromAbsolute(plain, accept, options);
  // With -trimpath Go writes the module's path before the file.
  const ofGo = accept(goDirectory(plain, options.index));
  if (ofGo !== undefined) return ofGo;
  for (const base of bases) {
    const found = accept(join(base, plain));
    if (found !== undefined) return found;
  }
  const ending = normalize(plain).replace(/^(?:\.\.\/)+/, '');
  return /^[^/]*\.[A-Za-z]/.test(ending) || ending.includes('/')
    ? accept(options.index.uniqueEnding(ending))
    : undefined;
}

/** A path of the checkout, or of a container in which the checkout lies elsewhere: `/app/tests/test_a.py`. */
function fromAbsolute(
  path: string,
  accept: (candidate: string | undefined) => string | undefined,
  { roots }: LocateOptions,
): string | undefined {
  for (const root of roots) {
    const found = accept(relative(root, path));
    if (found !== undefined) return found;
  }
  if (ofSystem.test(path) || roots.some((root) => path.startsWith(`${root}/`))) return undefined;
  const segments = path.split('/').filter((segment) => segment !== '');
  for (let start = 1; start < segments.length; start += 1) {
    const found = accept(segments.slice(start).join('/'));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Without the scheme of a bundler or a test server: `webpack://app/./src/a.js`, `http://localhost:9876/base/a.js?x`. */
function plainPath(path: string): string {
  const plain = path
    .replaceAll('\\', '/')
    .replace(/^async /, '')
    .replace(/[?#].*$/, '');
  if (plain.startsWith('file://'))
    return decoded(plain.replace(/^file:\/\//, '')).replace(/^\/([A-Za-z]:)/, '$1');
  // Karma: `http://localhost:9876/_karma_webpack_/webpack:/src/a.spec.ts`
  const [, ofKarma] = /_karma_webpack_\/(?:webpack:\/{1,3})?(?:\.\/)?(.+)$/.exec(plain) ?? [];
  if (ofKarma !== undefined) return ofKarma;
  const [, rest] = /^(?:[a-z][a-z0-9+.-]*:)?\/\/\/?(.*)$/.exec(plain) ?? [];
  if (rest === undefined) return plain.replace(/^[A-Za-z]:(?=\/)/, '');
  const bundled = rest.indexOf('/./');
  if (bundled !== -1) return rest.slice(bundled + 3);
  return rest.replace(/^\.\//, '').replace(/^(?:localhost|\d+|[\w.-]*)(?::\d+)?\/(?:base\/|@fs)?/, '');
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/** @returns the directories above a path, the nearest first, and the checkout itself. */
function ancestors(path: string): string[] {
  const found: string[] = [];
  for (let each = dirname(path); each !== '.' && each !== '/' && found.length < 30; each = dirname(each)) {
    found.push(each);
  }
  return [...found, ''];
}

/**
 * The file that the names of a test stand for: a path, or a class. `tests.test_login.TestLogin` is in
 * `tests/test_login.py`, `com.acme.LoginTest` in `src/test/java/com/acme/`, `spec.models.user_spec` in `spec/models/`.
 */
function fileOfNames(testCase: ResultCase, options: LocateOptions): string | undefined {
  const bases = ['', ...basesOf(testCase, options)];
  for (const name of [testCase.group, ...(testCase.hints ?? [])]) {
    const isPath = /^[\w@.+-]+(?:[/\\][\w@.+ -]+)*\.\w{1,10}$/.test(name) && name.length < 500;
    const found = isPath ? resolve(name, bases, options) : undefined;
    if (found !== undefined) return found;
  }
  const names = testCase.group
    .replace(/[$<(].*$/, '')
    .replaceAll('\\', '.')
    .replaceAll('::', '.')
    .split('.')
    .slice(0, 20);
  if (!names.every((name) => /^[\w-]+$/.test(name))) return undefined;
  return fileOfClass(names, bases, options);
}

function fileOfClass(
  names: readonly string[],
  bases: readonly string[],
  options: LocateOptions,
): string | undefined {
  const path = names.join('/');
  const python = names.map((_, index) => `${names.slice(0, names.length - index).join('/')}.py`);
  const jvm = jvmRoots.flatMap((root) =>
    ['java', 'kt', 'groovy', 'scala'].map((end) => join(root, `${path}.${end}`)),
  );
  for (const candidate of [...python, `${path}.rb`, ...jvm]) {
    const found = bases.map((base) => join(base, candidate)).find((each) => options.index.has(each));
    if (found !== undefined) return found;
  }
  const last = names.at(-1) ?? '';
  // In PHP, C#, and the JVM languages a class usually has its own file.
  return /^[A-Z]\w{3,}$/.test(last)
    ? ['php', 'cs', 'java', 'kt', 'scala', 'swift']
        .map((end) => options.index.uniqueEnding(`${last}.${end}`))
        .find((found) => found !== undefined && !foreign.test(found))
    : undefined;
}
