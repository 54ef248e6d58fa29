import { z } from '@hono/zod-openapi';
import { projectOf } from '../../core/projects/project-of.ts';
import { compareRun } from '../../core/results/compare-run.ts';
import { omitUndefined } from '../../lib/omit-undefined.ts';
import { addEndpoint } from '../add-endpoint.ts';
import type { Api } from '../api.ts';
import { jsonAnswer } from '../describe-endpoint.ts';
import { comparisonSchema } from '../schemas/comparison.ts';
import { comparisonView } from '../views/comparison-view.ts';
import { workflowRead } from './route-kinds.ts';

/** `GET /workflow/{id}/comparison`. */
export function addCompareRoute(api: Api): void {
  addEndpoint(
    api,
    {
      ...workflowRead,
      id: 'compareWorkflow',
      path: '/workflow/{id}/comparison',
      summary: 'Compare a workflow with the last passing one',
      description:
        'Compares with the last passing workflow of the base branch, and with the previous one of the same branch, both of the same suite: what broke, what was fixed, what got slower.',
      query: z.object({
        base: z.string().max(255).optional().openapi({
          description:
            'The branch to compare with. If omitted: the base branch of the pull request, the default branch of the repository, or main.',
        }),
      }),
      errors: ['run_not_found'],
      responses: jsonAnswer(200, 'The comparison.', comparisonSchema),
    },
    async (c, { target: { run }, query: { base } }) => {
      const project = await projectOf(api.deps, run.projectId);
      const comparison = await compareRun(api.deps, omitUndefined({ run, project, base }));
      return c.json(comparisonView(run, comparison));
    },
  );
}
