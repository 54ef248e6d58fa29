import { z } from 'zod';
import { BerthError } from '../core/model/errors.ts';
import type { Caller } from '../http/auth/caller.ts';
import { findProject } from '../http/find-project.ts';
import { runRequestSchema } from '../http/schemas/run-request.ts';
import { startRequested } from '../http/start-requested.ts';
import type { AwsBerth } from '../wiring/aws/container.ts';

const projectSchema = z.object({ project: z.string().default('default') });

/**
 * Starts the run that a `RunRequested` event requests. An event that arrives twice makes one run.
 *
 * @throws BerthError, ZodError if the request is not valid: the event goes to the dead-letter queue.
 */
export async function startRequestedRun(
  { deps, config }: Pick<AwsBerth, 'deps' | 'config'>,
  { eventId, request }: { eventId: string; request: Readonly<Record<string, unknown>> },
): Promise<void> {
  const named = projectSchema.parse(request).project;
  const project = await findProject(deps, named);
  if (project === undefined) {
    throw new BerthError('project_not_found', `There is no project ${named}.`, {
      hint: 'The `project` of the event must be its ID or name.',
    });
  }
  const parsed = runRequestSchema.parse({ idempotency_key: eventId, ...request });
  const caller: Caller = { actor: 'EventBridge', rateKey: 'event', trigger: 'event', scopeIn: () => 'run' };
  const cloneRules = { allowFileUrls: false, allowPrivateHosts: true };
  const githubHost = new URL(config.githubServer.webUrl).hostname;
  await startRequested({ ...deps, cloneRules, githubHost }, { project, caller, request: parsed });
}
