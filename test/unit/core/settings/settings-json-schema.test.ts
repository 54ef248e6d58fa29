import { readFile } from 'node:fs/promises';
import { describe, expect, it } from '@jest/globals';
import { Ajv } from 'ajv';
import { settingsJsonSchema } from '../../../../app/core/settings/settings-schema.ts';

describe('docs/berth.schema.json', () => {
  it('matches the settings schema (npm run schema)', async () => {
    expect(await readFile('docs/berth.schema.json', 'utf8')).toBe(settingsJsonSchema());
  });

  it('accepts what Berth accepts, and rejects what it does not', async () => {
    const validate = new Ajv({ strict: false }).compile(JSON.parse(settingsJsonSchema()));
    expect(validate({ suites: { unit: { command: 'npm test', memory: '2GB', stack: false } } })).toBe(true);
    expect(validate({ suites: { unit: { comand: 'npm test' } } })).toBe(false);
  });
});
