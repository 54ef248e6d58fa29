import { z } from '@hono/zod-openapi';
import { triggerKinds } from '../../core/model/run.ts';
import { runStates } from '../../core/model/run-state.ts';
import { omitUndefined } from '../../lib/omit-undefined.ts';
import { addEndpoint } from '../add-endpoint.ts';
import type { Api } from '../api.ts';
import { currentProject } from '../auth/access.ts';
import { asBefore, jsonAnswer } from '../describe-endpoint.ts';
import { workflowListSchema } from '../schemas/workflow.ts';
import { workflowSummaryView } from '../views/workflow-view.ts';
import { workflowErrors } from './route-kinds.ts';

const day = z.iso.date();
const oneOrMoreStates = z
  .array(z.enum(runStates))
  .optional()
  .openapi({ description: 'Return only workflows in this state. Repeat the parameter for several states.' });

/** `GET /workflow`. */
export function addListWorkflowsRoute(api: Api): void {
  addEndpoint(
    api,
    {
      id: 'listWorkflows',
      method: 'get',
      path: '/workflow',
      tag: 'Workflows',
      summary: 'List workflows, newest first',
      access: currentProject('read'),
      query: z.object({
        branch: z.string().max(255).optional(),
        suite: z.string().max(100).optional(),
        state: oneOrMoreStates,
        sha: z
          .string()
          .max(64)
          .toLowerCase()
          .optional()
          .openapi({ description: 'The commit, or the beginning of its ID.', example: '8f3c7e1' }),
        actor: z.string().max(200).optional(),
        pull_request: z.coerce.number().int().min(1).optional(),
        trigger: z
          .enum(triggerKinds)
          .optional()
          .openapi({ description: 'Return only workflows with this trigger.' }),
        stack: z.string().max(100).optional().openapi({ description: 'The stack that the workflow used.' }),
        created_since: day.optional().openapi({ description: 'Created on this day (UTC) or later.' }),
        created_until: day.optional().openapi({ description: 'Created on this day (UTC) or earlier.' }),
        text: z.string().max(200).optional().openapi({
          description:
            'Part of the branch, the suite, the commit, its message or author, the command or the ID.',
        }),
        limit: z.coerce.number().int().min(1).max(100).default(20),
        cursor: z
          .string()
          .min(1)
          .max(2048)
          .optional()
          .openapi({ description: 'The cursor of the previous page.' }),
      }),
      repeatable: ['state'],
      errors: ['cursor_invalid'],
      responses: { ...jsonAnswer(200, 'A page of the list.', workflowListSchema), ...asBefore },
      errorStyle: workflowErrors,
    },
    (
      c,
      {
        target: { project },
        query: { limit, cursor, state, pull_request, created_since, created_until, ...filter },
      },
    ) =>
      api.share(c, project.id, async () => {
        const page = await api.deps.store.runs.list(
          project.id,
          present({
            ...filter,
            states: state,
            pullRequest: pull_request,
            since: created_since === undefined ? undefined : startOf(created_since),
            before: created_until === undefined ? undefined : startOf(created_until, 1),
          }),
          omitUndefined({ limit, cursor }),
        );
        return {
          workflows: page.items.map((run) => workflowSummaryView(api.deps, run)),
          cursor: page.cursor ?? null,
        } satisfies z.output<typeof workflowListSchema>;
      }),
  );
}

/** The start of a day, or of one of the days after it. */
function startOf(text: string, later = 0): Date {
  const date = new Date(`${text}T00:00:00Z`);
  date.setUTCDate(date.getUTCDate() + later);
  return date;
}

type Present<Fields> = { readonly [Name in keyof Fields]?: Exclude<Fields[Name], undefined> };

/** Returns only the fields that were given: the types distinguish absent and undefined fields. */
function present<Fields extends object>(fields: Fields): Present<Fields> {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined);
  // The result is a part of `fields`, without the filtered values.
  return Object.fromEntries(entries) as Present<Fields>;
}
