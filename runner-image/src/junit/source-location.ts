import { dirname, isAbsolute, join, normalize, relative } from 'node:path';
import type { JunitCase } from './junit-case.ts';

export interface SourceLocation {
  /** Relative to the checkout. */
  readonly file?: string;
  readonly line?: number;
}

export interface LocateOptions {
  /** The checkout's absolute paths: as it was named, and with symbolic links resolved. */
  readonly roots: readonly string[];
  /** The JUnit file's path, relative to the checkout. */
  readonly junitPath: string;
  /** Whether the checkout has a file of this relative path. */
  readonly isFile: (path: string) => Promise<boolean>;
}

interface Candidate {
  readonly path: string;
  readonly line?: number;
}

/** What a trace names besides the suite's own files. */
const foreign = /(^|\/)(node_modules|site-packages|dist-packages|\.venv|venv|\.tox|\.git)\//;
/** Where JVM builds keep their sources, relative to a module. */
const jvmRoots = [
  'src/test/java',
  'src/test/kotlin',
  'src/test/groovy',
  'src/test/scala',
  'src/main/java',
  'test',
  'src',
  '',
];
const jvmFrame = /\bat (?:[\w.-]+\/\/?)?([\w.$]+)\.[\w$<>]+\(([\w$]+\.(?:java|kt|groovy|scala)):(\d{1,7})\)/g;
const pythonFrame = /File "([^"\n]{1,500})", line (\d{1,7})/g;
const dotnetFrame = / in ([^\n]{1,500}?):line (\d{1,7})/g;
/** `path.ext:12`, as most languages write it. */
const plainFrame = /(?:file:\/\/)?((?:[A-Za-z]:)?[^\s:()'"<>|[\]]{1,300}\.[A-Za-z]{1,6}):(\d{1,7})\b/g;
const maxCandidates = 40;

/**
 * Says where in the checkout a failed test is: by what the JUnit file says of it, else by the first place in its trace
 * that lies in the checkout, else by its class name.
 */
export async function locateFailure(testCase: JunitCase, options: LocateOptions): Promise<SourceLocation> {
  const stated = testCase.file === undefined ? undefined : await resolveInCheckout(testCase.file, options);
  let first: SourceLocation | undefined;
  for (const candidate of frames(testCase)) {
    const file = await resolveInCheckout(candidate.path, options);
    if (file === undefined) continue;
    const place = { file, ...(candidate.line === undefined ? {} : { line: candidate.line }) };
    if (stated === undefined || stated === file) return place;
    first ??= place;
  }
  if (stated !== undefined) {
    return { file: stated, ...(testCase.line === undefined ? {} : { line: testCase.line }) };
  }
  return first ?? (await locateByClass(testCase, options));
}

function frames(testCase: JunitCase): Candidate[] {
  const text = `${testCase.message ?? ''}\n${testCase.details ?? ''}`;
  const found: (Candidate & { readonly at: number })[] = [];
  for (const pattern of [pythonFrame, dotnetFrame, plainFrame]) {
    for (const match of text.matchAll(pattern)) {
      found.push({ at: match.index, path: match[1] ?? '', line: Number(match[2]) });
    }
  }
  for (const match of text.matchAll(jvmFrame)) {
    const packagePath = (match[1] ?? '').split('.').slice(0, -1).join('/');
    for (const root of jvmRoots) {
      found.push({ at: match.index, path: join(root, packagePath, match[2] ?? ''), line: Number(match[3]) });
    }
  }
  return found.sort((one, other) => one.at - other.at).slice(0, maxCandidates);
}

/** `tests.test_login.TestLogin` is in `tests/test_login.py`, `com.acme.LoginTest` in `src/test/java/com/acme/`. */
async function locateByClass(testCase: JunitCase, options: LocateOptions): Promise<SourceLocation> {
  const names = testCase.group.replace(/\$.*$/, '').split('.').slice(0, 20);
  if (!names.every((name) => /^[\w-]+$/.test(name))) return {};
  const python = names.map((_, index) => `${names.slice(0, names.length - index).join('/')}.py`);
  const jvm = jvmRoots.flatMap((root) => [
    join(root, `${names.join('/')}.java`),
    join(root, `${names.join('/')}.kt`),
  ]);
  for (const path of [...python, ...jvm]) {
    const file = await resolveInCheckout(path, options);
    if (file !== undefined) return { file };
  }
  return {};
}

async function resolveInCheckout(path: string, options: LocateOptions): Promise<string | undefined> {
  const plain = path.replace(/^file:\/\//, '').replaceAll('\\', '/');
  for (const candidate of isAbsolute(plain) ? absolute(plain, options) : relativeTo(plain, options)) {
    const inside = normalize(candidate);
    if (inside.startsWith('..') || isAbsolute(inside) || foreign.test(inside)) continue;
    if (await options.isFile(inside)) return inside;
  }
  return undefined;
}

function absolute(path: string, { roots }: LocateOptions): string[] {
  return roots.map((root) => relative(root, path));
}

/** Tools of one package in a repository of many write paths relative to the package: the JUnit file lies within it. */
function relativeTo(path: string, { junitPath }: LocateOptions): string[] {
  const candidates = [path];
  for (
    let directory = dirname(junitPath);
    directory !== '.' && directory !== '/';
    directory = dirname(directory)
  ) {
    candidates.push(join(directory, path));
  }
  return candidates;
}
