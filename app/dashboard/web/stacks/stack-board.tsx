import type { Stack } from '../lib/api.ts';
import { shortSha } from '../lib/format.ts';
import { useNow } from '../lib/use-now.ts';
import { RelativeTime } from '../ui/relative-time.tsx';
import { holderOf, StackBadge, stackStateOf, stackUrl } from './stack-state.tsx';

/** The stacks of a project as cards: state, branch, holder and deployed commit. */
export function StackBoard({ project, stacks }: { project: string; stacks: readonly Stack[] }) {
  const now = useNow();
  if (stacks.length === 0) {
    return (
      <div class="empty">
        <p>
          <strong>No stacks yet.</strong> Berth creates one when a run or a client requests it, up to{' '}
          <code>maxStacks</code> of the project.
        </p>
      </div>
    );
  }
  return (
    <ul class="board">
      {stacks.map((stack) => (
        <li key={stack.stackName} class={`stack ${stackStateOf(stack).tone}`}>
          <a href={stackUrl(project, stack.stackName)}>
            <strong>{stack.stackName}</strong> <StackBadge stack={stack} />
          </a>
          <span class="branch" title={stack.branch}>
            {stack.heldBy === null ? `Last branch: ${stack.branch}` : stack.branch}
          </span>
          <span class="quiet">
            {stack.heldBy === null ? 'Released ' : `Held by ${holderOf(stack.heldBy)}, `}
            <RelativeTime
              iso={stack.heldBy === null ? stack.modified : (stack.heldSince ?? stack.lastRequested)}
              now={now}
            />
          </span>
          {stack.dirty !== null && <span class="bad">Teardown: {stack.dirty.reason}</span>}
          <span class="quiet">
            {stack.lastDeployedCommit === undefined ? (
              'Nothing deployed'
            ) : (
              <>
                Deployed <code>{shortSha(stack.lastDeployedCommit)}</code>
              </>
            )}
          </span>
        </li>
      ))}
    </ul>
  );
}
