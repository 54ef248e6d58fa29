import { useState } from 'preact/hooks';
import { useLocation, useRoute } from 'preact-iso';
import { ApiError, api, type Stack } from './api.ts';
import { moment, shortSha } from './format.ts';
import { Problem } from './problem.tsx';
import { RunList } from './run-list.tsx';
import { useMayAct } from './use-may-act.ts';
import { usePoll } from './use-poll.ts';

/** One stack: who holds it and until when, what is deployed, and what ran on it. */
export function BerthPage({ home }: { home: string | null }) {
  const { params } = useRoute();
  const { query } = useLocation();
  const name = params.name ?? '';
  const project = query.project ?? home ?? '';
  const stacks = usePoll(`stacks ${project}`, () => api.stacks(project), 2000);
  const runs = usePoll(
    `runs ${project}`,
    () => api.runs(new URLSearchParams({ project, limit: '100' })),
    5000,
  );
  const mayAct = useMayAct(project);
  const [error, setError] = useState<ApiError>();
  const stack = stacks.value?.stacks.find((one) => one.stackName === name);
  const release = (held: Stack): void => {
    api.release(project, held.stackName, held.lockToken).then(
      () => {
        setError(undefined);
        stacks.refresh();
      },
      (failure: unknown) => setError(failure instanceof ApiError ? failure : undefined),
    );
  };
  if (stack === undefined) {
    return stacks.value === undefined ? (
      <Problem error={stacks.error} />
    ) : (
      <p class="empty">There is no stack {name}.</p>
    );
  }
  return (
    <>
      <h1>{stack.stackName}</h1>
      <Problem error={error ?? stacks.error} />
      <dl class="facts">
        <dt>State</dt>
        <dd>{stack.isAvailable ? 'free' : `held by ${stack.heldBy}`}</dd>
        <dt>Branch</dt>
        <dd>{stack.branch}</dd>
        {stack.heldSince !== null && (
          <>
            <dt>Held since</dt>
            <dd>{moment(stack.heldSince)}</dd>
          </>
        )}
        {stack.leaseUntil !== null && (
          <>
            <dt>Lease until</dt>
            <dd>{moment(stack.leaseUntil)}</dd>
          </>
        )}
        <dt>Deployed commit</dt>
        <dd>
          {stack.lastDeployedCommit === undefined ? (
            'unknown'
          ) : (
            <code>{shortSha(stack.lastDeployedCommit)}</code>
          )}
        </dd>
        <dt>Last requested</dt>
        <dd>{moment(stack.lastRequested)}</dd>
      </dl>
      {!stack.isAvailable && mayAct !== false && (
        <button type="button" disabled={mayAct === undefined} onClick={() => release(stack)}>
          Release
        </button>
      )}
      <h2>Runs on this stack</h2>
      <RunList runs={runs.value?.workflows.filter((run) => run.stack_name === name)} filtered />
    </>
  );
}
