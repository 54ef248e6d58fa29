import { describe, expect, it } from '@jest/globals';
import { holder, runId } from '../../../../app/core/model/ids.ts';
import { specOfSuite } from '../../../../app/core/settings/suite-spec.ts';

describe('the role of the task', () => {
  it.each([
    ['a branch of the repository', true, false, true],
    ['a fork, approved or not', true, true, undefined],
    ['a suite that does not ask for it', false, false, undefined],
  ])('for %s', (_, taskRole, untrusted, expected) => {
    const suite = { name: 'unit', command: 'npm test', taskRole };
    const origin = { cloneUrl: 'https://github.com/acme/site.git', branch: 'main', untrusted };
    const spec = specOfSuite(
      suite,
      { ...origin, holder: holder.branch('main'), isKept: true },
      { id: runId('r'), pool: undefined, forkSecrets: true },
    );
    expect(spec.taskRole).toBe(expected);
  });
});
