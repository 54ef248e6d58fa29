import { z } from '@hono/zod-openapi';
import { BerthError } from '../../core/model/errors.ts';
import { projectId } from '../../core/model/ids.ts';
import type { Project } from '../../core/model/project.ts';
import { branchStatus } from '../../core/results/branch-status.ts';
import { omitUndefined } from '../../lib/omit-undefined.ts';
import { addEndpoint } from '../add-endpoint.ts';
import type { Api } from '../api.ts';
import { publicAccess } from '../auth/access.ts';
import { badgeSvg } from '../badge-svg.ts';
import { jsonAnswer } from '../describe-endpoint.ts';
import { projectInPath as projectPath } from '../schemas/project.ts';
import { projectRead } from './route-kinds.ts';

const query = z.object({
  branch: z.string().min(1).max(255).optional().openapi({
    description: "If omitted, the repository's default branch, or main.",
  }),
  suite: z.string().min(1).max(100).optional().openapi({ description: 'If omitted, every suite counts.' }),
});

const badgeSchema = z
  .object({
    status: z.enum(['passing', 'failing', 'error', 'running', 'unknown']),
    image_url: z.url().openapi({ description: 'The picture. Its token shows this badge and nothing else.' }),
    markdown: z.string(),
  })
  .openapi('Badge');

/**
 * Status badges. READMEs are read without a key, so the address of the picture has a token, which shows for one project
 * whether a branch passes, and nothing else.
 */
export function addBadgeRoutes(api: Api): void {
  addBadge(api);
  addPicture(api);
}

function addBadge(api: Api): void {
  addEndpoint(
    api,
    {
      ...projectRead,
      id: 'getBadge',
      path: '/projects/{id}/badge',
      summary: 'The status of a branch, and a badge for a README',
      description: 'The verdict of the newest commit whose suites have all finished.',
      query,
      errors: ['project_not_found', 'not_found'],
      responses: jsonAnswer(200, 'The status and its badge.', badgeSchema),
    },
    async (c, { target: { project }, query: { branch, suite } }) => {
      const token = api.deps.dashboard?.tokens.badge(project.id);
      if (token === undefined) throw new BerthError('not_found', 'This server does not serve badges.');
      const search = new URLSearchParams(omitUndefined({ branch, suite, token }));
      const image = `${api.deps.publicUrl}/projects/${encodeURIComponent(project.id)}/badge.svg?${search}`;
      const runs = new URLSearchParams(omitUndefined({ project: project.id, branch, suite }));
      return c.json({
        status: await branchStatus(
          api.deps,
          project.id,
          omitUndefined({ branch: branch ?? defaultBranch(project), suite }),
        ),
        image_url: image,
        markdown: `[![${(suite ?? 'Berth').replaceAll(/[[\]\\\s]+/g, ' ')}](${image})](${api.deps.publicUrl}/?${runs})`,
      } satisfies z.output<typeof badgeSchema>);
    },
  );
}

function addPicture(api: Api): void {
  addEndpoint(
    api,
    {
      id: 'getBadgePicture',
      method: 'get',
      path: '/projects/{id}/badge.svg',
      tag: 'Projects',
      summary: 'The picture of a badge',
      access: publicAccess,
      params: projectPath,
      query: query.extend({
        token: z
          .string()
          .max(100)
          .optional()
          .openapi({ description: 'The token in the response of GET /projects/{id}/badge.' }),
      }),
      errors: ['project_not_found'],
      responses: {
        200: { description: 'The badge.', content: { 'image/svg+xml': { schema: z.string() } } },
      },
    },
    async (c, { params: { id }, query: { branch, suite, token } }) => {
      const tokens = api.deps.dashboard?.tokens;
      const project =
        token !== undefined && tokens?.isBadge(token, id) === true
          ? await api.deps.store.projects.get(projectId(id))
          : undefined;
      if (project === undefined) throw new BerthError('project_not_found', 'There is no such badge.');
      const name = branch ?? defaultBranch(project);
      const status = await branchStatus(api.deps, project.id, omitUndefined({ branch: name, suite }));
      return c.body(badgeSvg(suite ?? name, status), 200, {
        'Content-Type': 'image/svg+xml; charset=utf-8',
        // Pages on other origins embed it.
        'Cross-Origin-Resource-Policy': 'cross-origin',
        'Cache-Control': 'max-age=60, s-maxage=60',
      });
    },
  );
}

function defaultBranch({ github }: Project): string {
  return github?.defaultBranch ?? 'main';
}
