import { BerthError } from '../../core/model/errors.ts';
import type { Sources } from '../../ports/sources.ts';

/** Sources of runs from the API: they need no credentials, or have them in the environment of their task. */
export const publicSources: Sources = {
  async resolve(run) {
    const { source, branch, secrets } = run.spec;
    const names = Object.keys(secrets);
    if (names.length > 0) {
      throw new BerthError('launch_failed', `The secrets ${names.join(', ')} cannot be read here.`, {
        hint: 'Secrets are read from SSM or Secrets Manager, which this server does not use. docs/secrets.md shows what to do without AWS.',
      });
    }
    if (source.kind === 'archive') {
      if (run.sha === undefined)
        throw new BerthError('launch_failed', 'The archive has no commit.', {
          hint: 'Set sha.',
        });
      return {
        source: { kind: 'archive', url: source.url, branch, sha: run.sha, headers: {} },
        secretEnv: {},
      };
    }
    const ref = source.ref === undefined ? {} : { ref: source.ref };
    const sha = run.sha === undefined ? {} : { sha: run.sha };
    return { source: { kind: 'git', url: source.url, branch, ...ref, ...sha }, secretEnv: {} };
  },
};
