import { z } from '@hono/zod-openapi';
import { currentProject, projectInPath, runInPath } from '../auth/access.ts';
import type { ErrorStyle } from '../http-env.ts';
import { projectInPath as projectPath } from '../schemas/project.ts';

export const workflowId = z.object({
  id: z.string().openapi({ description: 'The ID of the workflow.', example: '01J8ZQ4T9N5V7W2X3Y4Z5A6B7C' }),
});

export const workflowErrors: ErrorStyle = { errorField: true };

const ofWorkflow = { tag: 'Workflows', params: workflowId, errorStyle: workflowErrors } as const;
export const workflowRead = { ...ofWorkflow, method: 'get', access: runInPath('read') } as const;
export const workflowChange = { ...ofWorkflow, method: 'post', access: runInPath('run') } as const;

/** The exact text for a request that breaks the schema (CONTRACTS, Stacks). */
const stackErrors: ErrorStyle = { invalid: 'Event object failed validation' };

const ofStacks = { tag: 'Stacks', errorStyle: stackErrors } as const;
export const stackRead = { ...ofStacks, method: 'get', access: currentProject('read') } as const;
export const stackChange = { ...ofStacks, method: 'post', access: currentProject('run') } as const;

export const projectRead = {
  method: 'get',
  tag: 'Projects',
  access: projectInPath('read'),
  params: projectPath,
  errors: ['project_not_found'],
} as const;
