import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { errorCodes } from '../../../app/core/model/errors.ts';
import { runnerErrorCodes } from '../../../app/core/model/job.ts';
import { projectSettingsSchema } from '../../../app/core/model/project.ts';
import { environmentSchema } from '../../../app/wiring/config/variables.ts';
import { withCosts } from '../../../scripts/costs/cost-page.ts';
import { idleCost, sum } from '../../../scripts/costs/monthly-cost.ts';
import { withVariables } from '../../../scripts/variable-table.ts';

const codesIn = (text: string): string[] =>
  [...text.matchAll(/^\| `([a-z_]+)` \|/gm)].map(([, code]) => code ?? '');

describe('README.md', () => {
  it('names the command that runs the main job and the one that runs the tests, as CI does', () => {
    const commands = [...readFileSync('README.md', 'utf8').matchAll(/^npm ci && (npm .+)$/gm)].map(
      ([, command]) => command,
    );
    expect(commands).toEqual(expect.arrayContaining(['npm run demo', 'npm test']));
    expect(readFileSync('.ci/run', 'utf8')).toMatch(/^check tests npm test$/m);
  });

  it('names the oldest version of Node, like the other pages for a start', () => {
    const [, oldest = ''] = /"node": ">=([\d.]+)"/.exec(readFileSync('package.json', 'utf8')) ?? [];
    for (const page of ['README.md', 'docs/installation.md', 'CONTRIBUTING.md', 'terraform/README.md']) {
      expect(readFileSync(page, 'utf8')).toContain(`Node ${oldest} or newer`);
    }
  });
});

describe('docs/cost.md', () => {
  const text = readFileSync('docs/cost.md', 'utf8');

  it('says what its script makes of the prices', () => {
    expect(text).toBe(withCosts(text));
  });

  it('is right that nothing running costs less than a dollar a month', () => {
    expect(sum(idleCost())).toBeLessThan(1);
  });
});

describe('docs/decisions', () => {
  const names = readdirSync('docs/decisions').filter((name) => name !== 'index.md');

  it('give each decision a separate number, the one in its title', () => {
    const numbers = names.map((name) => Number(name.slice(0, 4)));
    expect(numbers).toEqual([...new Set(numbers)]);
    for (const name of names) {
      const title = readFileSync(`docs/decisions/${name}`, 'utf8').split('\n')[0];
      expect(title).toMatch(new RegExp(`^# ${Number(name.slice(0, 4))}\\. `));
    }
  });
});

describe('docs/api.md', () => {
  it('explains every setting of a project, and no other', () => {
    const [section = ''] = /^## Projects$[\s\S]*?(?=^## )/m.exec(readFileSync('docs/api.md', 'utf8')) ?? [];
    const rows = [...section.matchAll(/^\| (`.+?) \|/gm)].map(([, names = '']) => names.replaceAll('`', ''));
    const explained = rows.flatMap((names) => names.split(', '));
    expect(explained.sort()).toEqual(Object.keys(projectSettingsSchema.shape).sort());
  });
});

describe('docs/troubleshooting.md', () => {
  const page = readFileSync('docs/troubleshooting.md', 'utf8');
  const [warnings = ''] = /^## Warnings of a run$[\s\S]*?(?=^## )/m.exec(page) ?? [];
  const known = new Set<string>([...errorCodes, ...runnerErrorCodes, 'timed_out']);

  it('explains every error code, each once', () => {
    expect(codesIn(page.replace(warnings, '')).sort()).toEqual([...known].sort());
  });

  it('explains every warning of a run, each once', () => {
    const sources = ['runner-image/src', 'app/core', 'app/adapters'].flatMap((directory) =>
      readdirSync(directory, { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.ts'))
        .map((name) => readFileSync(`${directory}/${name}`, 'utf8')),
    );
    const used = sources
      .flatMap((text) => [...text.matchAll(/\bcode: '([a-z_]+)'/g)])
      .map(([, code]) => code);
    const others = [...new Set(used)].filter((code) => !known.has(code ?? '') && code !== 'custom');
    expect(codesIn(warnings).sort()).toEqual(others.sort());
  });
});

describe('docs/configuration.md', () => {
  it('lists every variable with its default and its description, and no other (npm run docs:config)', () => {
    const page = readFileSync('docs/configuration.md', 'utf8');
    expect(page).toBe(withVariables(page, environmentSchema));
    expect(page).toContain('| `BERTH_PUBLIC_URL` |');
  });
});

describe('the tables of variables', () => {
  it.each(['docs/configuration.md', 'docs/configuration-aws.md', 'terraform/README.md'])(
    'describe each variable without its neighbors: %s',
    (page) => {
      const rows = readFileSync(page, 'utf8').match(/^\| `\w+` \|.*$/gm) ?? [];
      expect(rows.length).toBeGreaterThan(20);
      expect(rows.filter((row) => /\b(?:these|those|by that)\b|\| The same /i.test(row))).toEqual([]);
    },
  );
});
