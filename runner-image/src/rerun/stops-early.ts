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
  Maven: { names: ['pom.xml'], pattern: /<modules>|<skipAfterFailureCount>/ },
  Gradle: { names: ['settings.gradle', 'settings.gradle.kts'], pattern: /^\s*include\b/m },
};

/** Options with which a build of several modules tests all of them. */
const continuing = /^(?:-fae|-fn|--fail-at-end|--fail-never|--continue)$/;

function configs(name: string): string[] {
  return ['js', 'cjs', 'mjs', 'ts', 'cts', 'mts', 'json'].map((extension) => `${name}.${extension}`);
}

/**
 * Whether a tool ends before its last test when one fails. The earlier run then has no result of the others, and a suite
 * that has only some of its results must not pass.
 */
export async function stopsEarly(tool: FoundTool, checkout: string): Promise<boolean> {
  if (tool.args.some((argument) => options[tool.name]?.test(argument) === true)) return true;
  if (tool.args.some((argument) => continuing.test(argument))) return false;
  const known = files[tool.name];
  if (known === undefined) return false;
  const texts = await Promise.all(
    known.names.map((name) => readFile(join(checkout, tool.directory, name), 'utf8').catch(() => '')),
  );
  return texts.some((text) => known.pattern.test(text));
}
