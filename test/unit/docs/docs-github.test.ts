import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { appEvents, appPermissions } from '../../../app/core/model/app-manifest.ts';
import { readSettings } from '../../../app/core/settings/settings.ts';
import { settingsFileSchema } from '../../../app/core/settings/settings-schema.ts';
import { suiteSchema } from '../../../app/core/settings/suite-schema.ts';
import { commandHelp } from '../../../app/github/comments/comment-command.ts';

/** Returns the rows of a page's tables, or of one section only. */
const rowsOf = (file: string, section?: string): string[][] =>
  [...sectionOf(readFileSync(file, 'utf8'), section).matchAll(/^\| `([^`]+)` \| (.+) \|$/gm)].map(
    ([, first = '', rest = '']) => [first, ...rest.split(' | ')],
  );

function sectionOf(text: string, heading?: string): string {
  if (heading === undefined) return text;
  return text.split(/^## /m).find((part) => part.startsWith(`${heading}\n`)) ?? '';
}

describe('docs/github-app.md', () => {
  it('explains every permission that the App requests, and no other', () => {
    expect(rowsOf('docs/github-app.md', 'Reference: permissions')).toEqual(
      Object.entries(appPermissions).map(([name, { level, why }]) => [name, level, why]),
    );
  });

  it('explains every event that the App subscribes to, and no other', () => {
    expect(rowsOf('docs/github-app.md', 'Reference: events')).toEqual(Object.entries(appEvents));
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
