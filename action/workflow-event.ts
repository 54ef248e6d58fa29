import { readFileSync } from 'node:fs';

/** The event that started the workflow, as far as the action reads it. */
export interface WorkflowEvent {
  readonly repository?: { readonly clone_url?: string };
  readonly pull_request?: {
    readonly number?: number;
    readonly head?: {
      readonly ref?: string;
      readonly sha?: string;
      /** null where the fork was deleted. */
      readonly repo?: { readonly full_name?: string; readonly clone_url?: string } | null;
    };
    readonly base?: { readonly repo?: { readonly full_name?: string } };
  };
}

/** Reads the payload that the runner leaves in a file. @returns nothing of it where there is none. */
export function readWorkflowEvent(path: string | undefined): WorkflowEvent {
  if (path === undefined || path === '') return {};
  // GitHub's own payload: every field is optional above, so whatever is there is read with care.
  const event: unknown = JSON.parse(readFileSync(path, 'utf8'));
  return typeof event === 'object' && event !== null ? event : {};
}
