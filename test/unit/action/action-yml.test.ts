import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { run } from '../../../action/run.ts';
import { defaulted, operations, readSettings } from '../../../action/settings.ts';
import { acquireStack } from '../../../action/stacks.ts';
import { withAction } from '../../../scripts/action-page.ts';
import { aCommit, actionWorld, aPush, settingsFor, settingsOf } from './action-world.ts';

// action.yml is part of this repository; the types describe its parts.
const action = parse(readFileSync('action.yml', 'utf8')) as {
  inputs: Record<string, { description: string; default?: string }>;
  outputs: Record<string, { description: string }>;
};

/** Every input that some operation reads. */
function inputsRead(): Set<string> {
  const names = new Set<string>();
  // A fork, so that the inputs for forks are read too.
  const head = { ref: 'main', sha: aCommit, repo: { full_name: 'stranger/site' } };
  const facts = { ...aPush, event: { pull_request: { head } } };
  for (const operation of operations) {
    const getInput = (name: string): string => {
      names.add(name);
      return name === 'operation' ? operation : '';
    };
    // The settings are invalid without inputs; only the names matter here.
    expect(() => readSettings(getInput, {}, facts)).toThrow('api-url is required');
  }
  return names;
}

describe('action.yml', () => {
  it('has the inputs that the action reads, and no others', () => {
    expect(Object.keys(action.inputs).sort()).toEqual([...inputsRead()].sort());
  });

  it('has the outputs that the action sets, and no others', async () => {
    const w = await actionWorld();
    w.host.meanwhile = () => w.end();
    await run(w.deps, settingsFor('run'));
    await acquireStack(w.deps, settingsFor('request-stack'));
    expect(Object.keys(action.outputs).sort()).toEqual(Object.keys(w.host.outputs).sort());
  });

  it('says the same as a step that gives no inputs gets', () => {
    const defaults = Object.fromEntries(
      Object.entries(action.inputs)
        .filter(([name]) => name !== 'job-key')
        .map(([name, input]) => [name, input.default ?? '']),
    );
    const given = { 'api-url': 'http://berth.test', 'api-key': 'a key', command: 'npm test' };
    expect(settingsOf({ ...defaults, ...given })).toEqual(settingsOf(given));
  });

  it('has defaults for the inputs whose value no person needs to have set', () => {
    const names = Object.entries(action.inputs).flatMap(([name, input]) => (input.default ? [name] : []));
    expect(names.sort()).toEqual([...defaulted].sort());
  });

  it('is what docs/action.md says', () => {
    const page = readFileSync('docs/action.md', 'utf8');
    expect(withAction(page)).toBe(page);
  });
});
