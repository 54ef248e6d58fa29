import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { appEvents, appPermissions } from '../../../app/core/model/app-manifest.ts';
import { readSettings } from '../../../app/core/settings/settings.ts';
import { settingsFileSchema, suiteSchema } from '../../../app/core/settings/settings-schema.ts';
import { commandHelp } from '../../../app/github/comments/comment-command.ts';

const rowsOf = (file: string): string[][] =>
  [...readFileSync(file, 'utf8').matchAll(/^\| `([^`]+)` \| (.+) \|$/gm)].map(([, first = '', rest = '']) => [
    first,
    ...rest.split(' | '),
  ]);

describe('docs/github-app.md', () => {
  const rows = rowsOf('docs/github-app.md');
  it('explains every permission and every event that the App asks for, and no other', () => {
    expect(rows).toEqual([
      ...Object.entries(appPermissions).map(([name, { level, why }]) => [name, level, why]),
      ...Object.entries(appEvents),
    ]);
  });
});

describe('docs/commands.md', () => {
  it('lists the commands as /help does', () => {
    expect(rowsOf('docs/commands.md')).toEqual(Object.entries(commandHelp));
  });
});

describe('docs/settings.md', () => {
  it('explains every key of a suite and of the file', () => {
    const explained = rowsOf('docs/settings.md').map(([key]) => key);
    const known = [...Object.keys(suiteSchema.shape), ...Object.keys(settingsFileSchema.shape)];
    expect([...explained].sort()).toEqual(known.filter((key) => key !== 'suites').sort());
  });

  it('shows an example that Berth accepts', () => {
    const [, example = ''] = /```yaml\n([\s\S]*?)```/.exec(readFileSync('docs/settings.md', 'utf8')) ?? [];
    expect(readSettings(example)).toMatchObject({ ok: true, file: { suites: { unit: { timeout: 600 } } } });
  });
});
