import { omitUndefined } from '../lib/omit-undefined.ts';
import { answer, type Body, type Caller, type CallOptions, type Query } from './call.ts';

/** The most lines that the server returns in one page of a log. */
export const maxLogLines = 10_000;

export function runRoutes({ client, init }: Caller) {
  const run = (id: string) => ({ params: { path: { id } } });

  return {
    /** The same idempotency key is the same run, so a repeated request starts nothing new. */
    startRun: (body: Body<'executeWorkflow'> & { readonly idempotency_key: string }, call?: CallOptions) =>
      answer(client.POST('/workflow/execute', { body, ...init(call) })),
    /** Grants an upload for the source of a run. */
    createSource: (call?: CallOptions) => answer(client.POST('/sources', { ...init(call) })),
    runs: (query: Query<'listWorkflows'>, call?: CallOptions) =>
      answer(client.GET('/workflow', { params: { query }, ...init(call) })),
    run: (id: string, call?: CallOptions) =>
      answer(client.GET('/workflow/{id}', { ...run(id), ...init(call) })),
    runStatus: (id: string, call?: CallOptions) =>
      answer(client.GET('/workflow/{id}/status', { ...run(id), ...init(call) })),
    /** @param reason shown with the run. */
    cancelRun: (id: string, reason?: string, call?: CallOptions) => {
      const params = { path: { id }, query: omitUndefined({ reason }) };
      return answer(client.DELETE('/workflow/{id}', { params, ...init(call) }));
    },
    retestRun: (id: string, body: Body<'retestWorkflow'> = {}) => {
      const isRepeatable = body.idempotency_key !== undefined;
      return answer(client.POST('/workflow/{id}/retest', { ...run(id), body, ...init({ isRepeatable }) }));
    },
    retestFailed: (id: string, body: Body<'retestFailedWorkflows'> = {}) => {
      const isRepeatable = body.idempotency_key !== undefined;
      return answer(
        client.POST('/workflow/{id}/retest-failed', { ...run(id), body, ...init({ isRepeatable }) }),
      );
    },
    compareRun: (id: string) => answer(client.GET('/workflow/{id}/comparison', { ...run(id), ...init() })),
    logPage: (id: string, query: Query<'getWorkflowLogs'>, call?: CallOptions) =>
      answer(client.GET('/workflow/{id}/logs', { params: { path: { id }, query }, ...init(call) })),
    report: async (id: string) => {
      const options = { ...run(id), parseAs: 'arrayBuffer', ...init({ expects: 'file' }) } as const;
      return new Uint8Array(await answer(client.GET('/workflow/{id}/report', options)));
    },
  };
}
