import { numberText } from '../../../lib/format.ts';
import type { Stack } from '../lib/api.ts';
import { counted } from '../lib/format.ts';
import { Icon } from '../ui/icon.tsx';
import { stackStateOf, stackUrl } from './stack-state.tsx';

/** More stacks than this are counted instead of listed. */
const maxShown = 24;

/** The stacks of a project in one line each: name, state and branch. */
export function StackStrip({
  project,
  stacks,
  waiting,
}: {
  project: string;
  stacks: readonly Stack[];
  waiting: number;
}) {
  if (stacks.length === 0) return null;
  const available = stacks.filter((stack) => stack.isAvailable).length;
  return (
    <section aria-labelledby="stacks" class="stack-strip">
      <h2 id="stacks">
        <a href={`/stacks?${new URLSearchParams({ project })}`}>Stacks</a>{' '}
        <span class="quiet">
          {numberText(available)} of {numberText(stacks.length)} available
          {waiting > 0 && `, ${counted(waiting, 'request')} waiting`}
        </span>
      </h2>
      <ul>
        {stacks.slice(0, maxShown).map((stack) => (
          <li key={stack.stackName}>
            <StackChip project={project} stack={stack} />
          </li>
        ))}
        {stacks.length > maxShown && <li class="quiet">{numberText(stacks.length - maxShown)} more</li>}
      </ul>
    </section>
  );
}

function StackChip({ project, stack }: { project: string; stack: Stack }) {
  const { label, tone, icon } = stackStateOf(stack);
  return (
    <a class="chip" href={stackUrl(project, stack.stackName)} title={`${label}: ${stack.branch}`}>
      <span class={tone}>
        <Icon name={icon} />
      </span>
      <strong>{stack.stackName}</strong> <span class="hidden">{label}</span>{' '}
      <span class="branch">{stack.isAvailable ? '' : stack.branch}</span>
    </a>
  );
}
