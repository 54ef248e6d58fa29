import { z } from 'zod';
import type { Deps } from '../core/deps.ts';
import { createFirstProject, ensureFirstProject } from '../core/projects/ensure-first-project.ts';
import { sweep } from '../core/runs/sweep.ts';
import { mintKey } from '../http/auth/api-key.ts';
import { getContainer } from './get-container.ts';

/** The input of the function, from a schedule or from `aws lambda invoke`. */
export interface ScheduledTask {
  /**
   * `sweep`, the default: reconciles everything that is due; every minute. `catch-up`: looks for events of GitHub that were
   * missed; every ten minutes. `setup`: makes the first project and its key, once after the first deployment.
   */
  readonly task?: 'sweep' | 'catch-up' | 'setup';
  /** The API key for `setup` that `berth aws install` created and keeps. Berth gets only its hash. */
  readonly key?: { readonly id: string; readonly hash: string };
}

const keySchema = z.object({
  id: z.string().regex(/^[0-9a-f]{12}$/),
  hash: z.string().regex(/^[0-9a-f]{64}$/),
});

/** @returns what was done; for `setup`, the API key, which is shown only once. */
export async function handler({ task = 'sweep', key }: ScheduledTask = {}): Promise<unknown> {
  const berth = await getContainer();
  const { deps, config, github, outbox, maintenance } = berth;
  switch (task) {
    case 'sweep': {
      const [seen] = await Promise.all([sweep(deps), github?.sweep(), maintenance()]);
      await outbox.sent();
      return seen;
    }
    case 'catch-up': {
      const missed = await github?.catchUp();
      await outbox.sent();
      return missed ?? {};
    }
    case 'setup': {
      if (key !== undefined) return addFirstKey(deps, config.firstProject, keySchema.parse(key));
      const first = await ensureFirstProject(deps, config.firstProject, ({ id }) =>
        mintKey(deps, { projectId: id, allProjects: true, name: 'first key', scope: 'admin' }),
      );
      return { project: first.project.name, apiKey: first.plainKey };
    }
  }
}

/** Adds a key whose plain text is elsewhere. Repeating it changes nothing. */
async function addFirstKey(
  deps: Pick<Deps, 'store' | 'clock'>,
  projectName: string,
  { id, hash }: NonNullable<ScheduledTask['key']>,
): Promise<{ project: string }> {
  const project = await createFirstProject(deps, projectName);
  await deps.store.projects.createKey({
    ...{ id, hash, projectId: project.id, name: 'berth aws install', scope: 'admin', allProjects: true },
    created: deps.clock.now(),
  });
  return { project: project.name };
}
