import { z } from '@hono/zod-openapi';
import { projectOf } from '../../core/projects/project-of.ts';
import { compareRun } from '../../core/results/compare-run.ts';
import { omitUndefined } from '../../lib/omit-undefined.ts';
import { addEndpoint } from '../add-endpoint.ts';
import type { Api } from '../api.ts';
import { runInPath } from '../auth/access.ts';
import { jsonAnswer } from '../describe-endpoint.ts';
import { comparisonSchema } from '../schemas/comparison.ts';
import { workflowErrors, workflowId } from '../schemas/workflow-route.ts';
import { comparisonView } from '../views/comparison-view.ts';

/** `GET /workflow/{id}/comparison`. */
export function addCompareRoute(api: Api): void {
  addEndpoint(
    api,
    {
      id: 'compareWorkflow',
      method: 'get',
      path: '/workflow/{id}/comparison',
      tag: 'Workflows',
      summary: 'What broke, what was mended, what got slower',
      description:
        'Beside the last green workflow of the base branch, and beside the one before on the same branch; both of the same suite.',
      access: runInPath('read'),
      params: workflowId,
      query: z.object({
        base: z.string().max(255).optional().openapi({
          description:
            "The branch to compare with. Absent: the pull request's base branch, else the repository's default branch, or main.",
        }),
      }),
      errors: ['run_not_found'],
      responses: jsonAnswer(200, 'The comparison.', comparisonSchema),
      errorStyle: workflowErrors,
    },
    async (c, { target: { run }, query: { base } }) => {
      const project = await projectOf(api.deps, run.projectId);
      const comparison = await compareRun(
        api.deps,
        omitUndefined({
          run,
          project,
          base,
        }),
      );
      return c.json(comparisonView(run, comparison));
    },
  );
}
