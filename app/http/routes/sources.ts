import { z } from '@hono/zod-openapi';
import { uploadedSourceKey } from '../../core/model/run-keys.ts';
import { addEndpoint } from '../add-endpoint.ts';
import type { Api } from '../api.ts';
import { currentProject } from '../auth/access.ts';
import { jsonAnswer } from '../describe-endpoint.ts';

const maxSourceBytes = 512 * 1024 * 1024;
const uploadSeconds = 15 * 60;

/** Adds the upload of a local checkout, for commits that the server cannot fetch. */
export function addSourceRoutes(api: Api): void {
  addEndpoint(
    api,
    {
      id: 'createSource',
      method: 'post',
      path: '/sources',
      tag: 'Workflows',
      summary: 'Upload the source of a workflow',
      description:
        'Uploads a commit that no git server has. PUT a `.tar.gz` with one leading directory to `upload_url`, then start a workflow with the `source_id` and the `sha`.',
      access: currentProject('run'),
      errors: [],
      responses: jsonAnswer(
        201,
        'URL to upload the archive to.',
        z
          .object({ source_id: z.string(), upload_url: z.string(), max_bytes: z.number().int() })
          .openapi('Source'),
      ),
    },
    async (c, { target: { project } }) => {
      const id = api.deps.ids.unique();
      const url = await api.deps.objects.grant({
        key: uploadedSourceKey(project.id, id),
        method: 'PUT',
        ttlSeconds: uploadSeconds,
        maxBytes: maxSourceBytes,
        contentType: 'application/gzip',
      });
      return c.json({ source_id: id, upload_url: url, max_bytes: maxSourceBytes }, 201);
    },
  );
}
