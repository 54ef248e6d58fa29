import type { Stack, Ticket } from './api.ts';
import { ago, shortSha } from './format.ts';
import { useNow } from './use-poll.ts';
import { WaitingLine } from './waiting-line.tsx';

/** The stacks as a harbour's board: which berth is free, who lies in which, who waits outside. */
export function Board({
  project,
  stacks,
  line,
}: {
  project: string;
  stacks: readonly Stack[] | undefined;
  line: readonly Ticket[];
}) {
  const now = useNow();
  if (stacks === undefined) return <div class="board placeholder" aria-busy="true" />;
  if (stacks.length === 0) {
    return (
      <p class="empty">
        No berth yet: the first run or request makes one. Try <code>npx berth run</code> in a git checkout.
      </p>
    );
  }
  return (
    <>
      <ul class="board">
        {stacks.map((stack) => (
          <li key={stack.stackName} class={`berth ${toneOf(stack)}`}>
            <a href={`/berths/${encodeURIComponent(stack.stackName)}?project=${encodeURIComponent(project)}`}>
              <strong>{stack.stackName}</strong>
              <span class="state">{wordsOf(stack)}</span>
            </a>
            <span class="branch" title={stack.branch}>
              {stack.isAvailable ? `last ${stack.branch}` : stack.branch}
            </span>
            <span class="quiet">
              {stack.isAvailable
                ? `idle since ${ago(stack.modified, now)}`
                : `${holderOf(stack)}, ${ago(stack.heldSince ?? stack.lastRequested, now)}`}
            </span>
            <span class="quiet">
              {stack.lastDeployedCommit !== undefined && (
                <>
                  deployed <code>{shortSha(stack.lastDeployedCommit)}</code>
                  {!stack.isAvailable && stack.activeRuns.length === 0 && ', '}
                </>
              )}
              {!stack.isAvailable &&
                stack.activeRuns.length === 0 &&
                `idle since ${ago(stack.modified, now)}`}
            </span>
          </li>
        ))}
      </ul>
      {line.length > 0 && (
        <>
          <h2>Waiting line</h2>
          <WaitingLine tickets={line} known project={project} />
        </>
      )}
    </>
  );
}

/** A run's own id tells a person nothing: its page does, one click from here. */
function holderOf({ heldBy }: Stack): string {
  return heldBy?.startsWith('run ') === true ? 'for a run' : `${heldBy}`;
}

function toneOf(stack: Stack): string {
  if (stack.isAvailable) return 'free';
  return stack.activeRuns.length > 0 ? 'running' : 'held';
}

function wordsOf(stack: Stack): string {
  if (stack.isAvailable) return '○ free';
  return stack.activeRuns.length > 0 ? '◕ tests run' : '● held';
}
