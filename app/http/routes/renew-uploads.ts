import { z } from '@hono/zod-openapi';
import { runId } from '../../core/model/ids.ts';
import { jobRenewalSchema } from '../../core/model/job.ts';
import { renewUploads } from '../../core/runs/renew-uploads.ts';
import { addEndpoint } from '../add-endpoint.ts';
import type { Api } from '../api.ts';
import { publicAccess } from '../auth/access.ts';
import { jsonAnswer } from '../describe-endpoint.ts';
import { workflowErrors, workflowId } from '../schemas/workflow-route.ts';

const query = z.object({
  launch: z.coerce.number().int().positive(),
  signature: z.string().max(200),
});

/** What the runner of a long run asks for when its upload URLs have ended. */
export function addRenewUploadsRoute(api: Api): void {
  addEndpoint(
    api,
    {
      id: 'renewUploads',
      method: 'get',
      path: '/workflow/{id}/uploads',
      tag: 'Objects',
      summary: 'Fresh upload URLs for the task of a workflow that goes on',
      description: 'For the runner: the signature, which its job holds, is the only credential.',
      access: publicAccess,
      params: workflowId,
      query,
      errors: ['signature_invalid', 'run_ended'],
      errorStyle: workflowErrors,
      responses: jsonAnswer(200, 'Upload targets as in the job, and where to ask again.', jobRenewalSchema),
    },
    async (c, { params: { id }, query: { launch, signature } }) =>
      c.json(await renewUploads(api.deps, { runId: runId(id), launch }, signature), 200),
  );
}
