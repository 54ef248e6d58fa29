import { readFile } from 'node:fs/promises';
import { join, normalize } from 'node:path/posix';
import { z } from 'zod';
import { parseJson } from '../../../app/lib/parse-json.ts';
import { splitCommand, type Word } from './shell-words.ts';

export type ToolName =
  | 'jest'
  | 'vitest'
  | 'mocha'
  | 'node --test'
  | 'pytest'
  | 'go test'
  | 'cargo nextest'
  | 'Playwright'
  | 'rspec'
  | 'Maven'
  | 'Gradle';

/** The test tool that a command runs last. */
export interface FoundTool {
  readonly name: ToolName;
  /** The arguments of the tool, as words in the command, or in the script of `package.json`. */
  readonly args: readonly string[];
  /** The directory that the tool runs in, relative to the checkout. */
  readonly directory: string;
  /** Adds arguments to the tool. */
  append(args: string): string;
  /** The words of the tool, where the command itself names it. If omitted, a script does. */
  readonly words?: readonly Word[];
}

interface Place {
  readonly checkout: string;
  /** Relative to the checkout. */
  readonly directory: string;
}

/** Nested scripts: `test` runs `test:unit`, which runs jest. */
const maxScripts = 3;

/**
 * Finds the tool that a command runs.
 *
 * @returns undefined if Berth does not know what runs. Of several tools, a later one may not have run.
 */
export async function findTool(command: string, place: Place, depth = 0): Promise<FoundTool | undefined> {
  const parts = splitCommand(command);
  const last = parts?.at(-1);
  if (parts === undefined || last === undefined) return undefined;
  let { directory } = place;
  for (const words of parts.slice(0, -1)) {
    const texts = words.map(({ text }) => text);
    if (!isPreparation(texts)) return undefined;
    if (texts[0] === 'cd') directory = normalize(join(directory, texts[1] ?? ''));
  }
  if (directory.startsWith('..') || directory.includes('$')) return undefined;
  const at = { ...place, directory };
  const words = withoutRunners(last);
  const script = scriptOf(words.map(({ text }) => text));
  const end = command.trimEnd();
  if (script !== undefined) return ofScript(script, { at, command: end, depth });
  const found = toolOf(words);
  return found && { ...found, directory, words, append: (args) => `${end} ${args}` };
}

/** Commands that run no tests: if one of them fails, the tool does not run. */
function isPreparation([program = '', argument = '']: readonly string[]): boolean {
  if (['cd', 'export', 'set', 'source', '.', 'mkdir', 'echo', 'cp', 'umask', 'ulimit'].includes(program))
    return true;
  if (/^(?:npm|pnpm|yarn|bun)$/.test(program)) return /^(?:ci|i|install|add)$/.test(argument);
  if (/^(?:pip3?|poetry|pipenv|bundle|corepack|npm|composer)$/.test(program))
    return /^(?:install|sync|enable)$/.test(argument);
  if (program === 'uv') return /^(?:sync|pip|venv)$/.test(argument);
  return program === 'go' && /^(?:mod|build|generate|vet)$/.test(argument);
}

const assignment = /^[A-Za-z_]\w*=/;
/** Programs that run another program, with their options. */
const runners: readonly RegExp[] = [
  /^(?:npx|bunx)(?: (?:--no|--yes|-y|--no-install|--))*$/,
  /^(?:pnpm|yarn) exec(?: --)?$/,
  /^(?:poetry|pipenv|pdm) run$/,
  /^uv run(?: --(?:frozen|locked|no-sync|all-extras|dev))*(?: --)?$/,
  /^bundle exec$/,
  /^(?:\S*\/)?python(?:3(?:\.\d+)?)?(?: -[A-Zbduv]+)* -m$/,
  /^(?:env|cross-env|xvfb-run(?: -a)?|time)$/,
  /^(?:c8|nyc)(?: --?[\w-]+(?:=\S+)?)*$/,
  /^coverage run(?: --?[\w-]+(?:=\S+)?)* -m$/,
];

function withoutRunners(words: readonly Word[]): readonly Word[] {
  let rest = words;
  for (;;) {
    const first = rest[0]?.text ?? '';
    if (assignment.test(first)) rest = rest.slice(1);
    else {
      // The longest match takes the options of the runner too.
      const counts = rest.map((_, count) => count + 1).slice(0, 10);
      const count = counts.findLast((many) => {
        const text = rest
          .slice(0, many)
          .map((word) => word.text)
          .join(' ');
        return runners.some((runner) => runner.test(text));
      });
      if (count === undefined) return rest;
      rest = rest.slice(count);
    }
  }
}

interface Script {
  readonly name: string;
  readonly args: readonly string[];
  /** How arguments reach the script: npm keeps its own, and what follows `--` is the script's. */
  readonly separator: '-- ' | '';
  /** Without a script of that name, yarn and pnpm run the program. */
  readonly orProgram: boolean;
}

const silent = /^(?:--silent|-s|--if-present)$/;

function scriptOf(words: readonly string[]): Script | undefined {
  const [manager = '', ...all] = words.filter((word) => !silent.test(word));
  if (!/^(?:npm|pnpm|yarn|bun)$/.test(manager)) return undefined;
  const isRun = all[0] === 'run' || all[0] === 'run-script';
  const [name = '', ...args] = isRun ? all.slice(1) : all;
  const isOwn = isRun || /^(?:test|t|tst)$/.test(name);
  if (!/^[\w:.@/-]+$/.test(name) || name.startsWith('-')) return undefined;
  // `bun test` is a test tool itself.
  if (!isOwn && (manager === 'npm' || manager === 'bun')) return undefined;
  if (manager === 'bun' && !isRun) return undefined;
  const separator = manager === 'npm' && !args.includes('--') ? '-- ' : '';
  return { name: /^(?:t|tst)$/.test(name) ? 'test' : name, args, separator, orProgram: !isOwn };
}

const manifestSchema = z.object({ scripts: z.record(z.string(), z.string()).optional().catch(undefined) });

async function ofScript(
  { name, args, separator, orProgram }: Script,
  { at, command, depth }: { at: Place; command: string; depth: number },
): Promise<FoundTool | undefined> {
  if (depth >= maxScripts) return undefined;
  const text = await readFile(join(at.checkout, at.directory, 'package.json'), 'utf8').catch(() => '{}');
  const scripts = manifestSchema.safeParse(parseJson(text.replace(/^\ufeff/, ''))).data?.scripts ?? {};
  const script = Object.hasOwn(scripts, name) ? scripts[name] : undefined;
  if (script === undefined) {
    const words = [name, ...args].map((word) => ({ text: word, start: 0, end: 0 }));
    const program = orProgram ? toolOf(words) : undefined;
    return program && { ...program, directory: at.directory, append: (more) => `${command} ${more}` };
  }
  const found = await findTool(script, at, depth + 1);
  if (found === undefined) return undefined;
  // The words of the script are not in the command: arguments can only be appended.
  const { words: _, ...inner } = found;
  const passed = args.filter((word) => word !== '--');
  const nested = found.append('\0');
  const inside = nested.slice(script.trimEnd().length + 1, nested.indexOf('\0'));
  return {
    ...inner,
    args: [...inner.args, ...passed],
    append: (more) => `${command} ${separator}${inside}${more}`,
  };
}

const nodeTools: readonly (readonly [RegExp, ToolName])[] = [
  [/(?:^|\/)jest\/bin\/jest(?:\.js)?$/, 'jest'],
  [/(?:^|\/)vitest\/vitest\.mjs$/, 'vitest'],
  [/(?:^|\/)mocha\/bin\/_?mocha(?:\.[cm]?js)?$/, 'mocha'],
];

/** The tools by their programs, with the first argument that makes the program a test tool. */
const tools: ReadonlyMap<string, readonly [name: ToolName, first?: string]> = new Map([
  ['jest', ['jest']],
  ['vitest', ['vitest']],
  ['mocha', ['mocha']],
  ['_mocha', ['mocha']],
  ['pytest', ['pytest']],
  ['py.test', ['pytest']],
  ['rspec', ['rspec']],
  ['react-scripts', ['jest', 'test']],
  ['playwright', ['Playwright', 'test']],
  ['go', ['go test', 'test']],
  ['cargo', ['cargo nextest', 'nextest']],
  ['mvn', ['Maven']],
  ['mvnw', ['Maven']],
  ['gradle', ['Gradle']],
  ['gradlew', ['Gradle']],
]);

function toolOf(words: readonly Word[]): Pick<FoundTool, 'name' | 'args'> | undefined {
  const [path = '', ...args] = words.map(({ text }) => text);
  const program = path.slice(path.lastIndexOf('/') + 1);
  if (program === 'node') return nodeToolOf(args);
  const [name, first] = tools.get(program) ?? [];
  if (name === undefined || (first !== undefined && args[0] !== first)) return undefined;
  return { name, args: first === undefined ? args : args.slice(1) };
}

function nodeToolOf(args: readonly string[]): Pick<FoundTool, 'name' | 'args'> | undefined {
  if (args.includes('--test')) return { name: 'node --test', args };
  const place = args.findIndex((word) => !word.startsWith('-'));
  const known = nodeTools.find(([path]) => path.test(args[place] ?? ''));
  return known && { name: known[1], args: args.slice(place + 1) };
}
