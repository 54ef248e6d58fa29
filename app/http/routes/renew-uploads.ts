import { z } from '@hono/zod-openapi';
import { runId } from '../../core/model/ids.ts';
import { jobRenewalSchema } from '../../core/model/job.ts';
import { renewUploads } from '../../core/runs/renew-uploads.ts';
import { addEndpoint } from '../add-endpoint.ts';
import type { Api } from '../api.ts';
import { publicAccess } from '../auth/access.ts';
import { jsonAnswer } from '../describe-endpoint.ts';
import { workflowErrors, workflowId } from './route-kinds.ts';

const query = z.object({
  launch: z.coerce.number().int().min(1),
  signature: z.string().max(200),
});

/** Issues new upload URLs to the runner of a long run when the first ones have expired. */
export function addRenewUploadsRoute(api: Api): void {
  addEndpoint(
    api,
    {
      id: 'renewUploads',
      method: 'get',
      path: '/workflow/{id}/uploads',
      tag: 'Objects',
      summary: 'Renew the upload URLs of a running task',
      description: 'For the runner. The signature in the URL, which is in its job, is the only credential.',
      access: publicAccess,
      params: workflowId,
      query,
      errors: ['signature_invalid', 'run_ended'],
      errorStyle: workflowErrors,
      responses: jsonAnswer(
        200,
        'Upload targets as in the job, and where to ask again.',
        z.object(jobRenewalSchema.shape).openapi('UploadTargets'),
      ),
    },
    async (c, { params: { id }, query: { launch, signature } }) =>
      c.json(await renewUploads(api.deps, { runId: runId(id), launch }, signature), 200),
  );
}
