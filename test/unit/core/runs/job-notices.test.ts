import { describe, expect, it } from '@jest/globals';
import { runId } from '../../../../app/core/model/ids.ts';
import { startRun } from '../../../../app/core/runs/start-run.ts';
import type { Sources } from '../../../../app/ports/sources.ts';
import { jobOf, specOf, type World, world } from '../../../helpers/memory-deps.ts';

const secrets = { STRIPE_KEY: 'ssm:/berth/secrets/shared/stripe', TOKEN: 'ssm:/berth/secrets/shared/token' };

async function noticesOf(w: World) {
  const project = await w.project({});
  const id = runId('r1');
  const spec = specOf({ secrets });
  await startRun(w.deps, { project, id, spec, trigger: { kind: 'api' } });
  await w.settle();
  return jobOf(w, id).notices;
}

describe('the secrets of a run', () => {
  it('are named in a warning if the server reads none', async () => {
    expect(await noticesOf(world())).toEqual([
      { code: 'secrets_missing', message: expect.stringContaining('`STRIPE_KEY`, `TOKEN`') },
    ]);
  });

  it('are not a reason for a warning if the server reads them', async () => {
    const source = { kind: 'git', url: 'https://git.example/shop.git', branch: 'main' } as const;
    const sources: Sources = {
      resolve: async () => ({ source, secretEnv: { STRIPE_KEY: 'a', TOKEN: 'b' } }),
    };
    expect(await noticesOf(world({ deps: { sources } }))).toEqual([]);
  });
});
