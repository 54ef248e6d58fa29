import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FoundTool, ToolName } from './find-tool.ts';

/** Options with which a tool ends before its last test. */
const options: Partial<Record<ToolName, RegExp>> = {
  jest: /^--?b(?:ail)?(?:=(?!0|false)|$)/,
  vitest: /^--bail(?:=(?!0)|$)/,
  mocha: /^(?:-b|--bail)$/,
  pytest: /^(?:-[a-wyzA-Z]*x[a-zA-Z]*|--exitfirst|--maxfail(?:=.*)?|--sw|--stepwise(?:-skip)?)$/,
  'go test': /^-{1,2}(?:test\.)?failfast(?:=true)?$/,
  'cargo nextest': /^(?:--fail-fast|--max-fail(?:=.*)?)$/,
  Playwright: /^(?:-x|--max-failures(?:=.*)?)$/,
  rspec: /^--fail-fast(?:=.*)?$/,
  Maven: /^-Dsurefire\.skipAfterFailureCount=/,
};

/** Configuration files with the same settings, or with several modules. */
const files: Partial<Record<ToolName, { readonly names: readonly string[]; readonly pattern: RegExp }>> = {
  jest: { names: [...configs('jest.config'), 'package.json'], pattern: /\bbail["']?\s*:\s*(?!\s|0|false)/ },
  vitest: {
    names: [...configs('vitest.config'), ...configs('vite.config')],
    pattern: /\bbail\s*:\s*(?!\s|0)/,
  },
  mocha: {
    names: [
      '.mocharc.js',
      '.mocharc.cjs',
      '.mocharc.mjs',
      '.mocharc.json',
      '.mocharc.jsonc',
      '.mocharc.yml',
      '.mocharc.yaml',
      'package.json',
    ],
    pattern: /\bbail["']?\s*:\s*(?!\s|false)/,
  },
  pytest: {
    names: ['pytest.ini', '.pytest.ini', 'pyproject.toml', 'tox.ini', 'setup.cfg'],
    pattern: /--exitfirst|--maxfail|--stepwise|addopts[^\]]*?\s["']?-[a-wyz]*x\b/,
  },
  Playwright: { names: configs('playwright.config'), pattern: /\bmaxFailures\s*:\s*(?!\s|0)/ },
  rspec: {
    names: ['.rspec', 'spec/spec_helper.rb'],
    pattern: /--fail-fast|fail_fast\s*=\s*(?!\s|false|nil)/,
  },
  Maven: { names: ['pom.xml'], pattern: /<(?:modules|subprojects)>|<skipAfterFailureCount>/ },
  Gradle: { names: ['settings.gradle', 'settings.gradle.kts'], pattern: /^\s*include\b/m },
};

/**
 * Options with which a build of several modules tests all of them. With `-fae`, Maven skips the modules that depend on one
 * that failed. It says so in its log, unless it is quiet.
 */
const continuing = /^(?:-fn|--fail-never|-Dmaven\.test\.failure\.ignore(?:=true)?|--continue)$/;
const continuingLoudly = /^(?:-fae|--fail-at-end)$/;
const quiet = /^(?:-q|--quiet)$/;

/** Options that name another configuration file. */
const otherFile = /^(?:-c|--config|-f|--file|-b|--build-file|-O|--options)(?:=(.+))?$/;

function configs(name: string): string[] {
  return ['js', 'cjs', 'mjs', 'ts', 'cts', 'mts', 'json'].map((extension) => `${name}.${extension}`);
}

/**
 * Whether a tool ends before its last test when one fails. The earlier run then has no result of the others, and a suite
 * that has only some of its results must not pass.
 *
 * @param env the variables of the command
 */
export async function stopsEarly(
  tool: FoundTool,
  checkout: string,
  env: Readonly<Record<string, string>> = {},
): Promise<boolean> {
  const { name, args, directory } = tool;
  const added = name === 'pytest' ? (env.PYTEST_ADDOPTS ?? '').split(/\s+/) : [];
  if ([...args, ...added].some((argument) => options[name]?.test(argument) === true)) return true;
  const has = (option: RegExp) => args.some((argument) => option.test(argument));
  if (has(continuing) || (has(continuingLoudly) && !has(quiet))) return false;
  const known = files[name];
  if (known === undefined) return false;
  const paths = [
    ...upwards(directory).flatMap((each) => known.names.map((file) => join(each, file))),
    ...namedFiles(args).map((file) => join(directory, file)),
  ];
  const texts = await Promise.all(
    paths.map((path) => readFile(join(checkout, path), 'utf8').catch(() => '')),
  );
  return texts.some((text) => known.pattern.test(text));
}

/** Tools also look for their configuration in the directories above their own. */
function upwards(directory: string): string[] {
  const parts = directory.split('/');
  return ['', ...parts.map((_, place) => parts.slice(0, place + 1).join('/'))];
}

function namedFiles(args: readonly string[]): string[] {
  return args.flatMap((argument, place) => {
    const found = otherFile.exec(argument);
    return found === null ? [] : [found[1] ?? args[place + 1] ?? ''];
  });
}
