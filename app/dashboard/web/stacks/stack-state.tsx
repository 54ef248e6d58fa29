import type { Stack } from '../lib/api.ts';
import { Icon, type IconName } from '../ui/icon.tsx';

export interface StackState {
  readonly label: string;
  readonly tone: string;
  readonly icon: IconName;
}

/** Says what a stack is doing; a dirty stack is not available, so that comes first. */
export function stackStateOf(stack: Stack): StackState {
  if (stack.activeRuns.length > 0) return { label: 'Running', tone: 'busy', icon: 'spinner' };
  if (stack.state === 'dirty') return { label: 'Dirty', tone: 'bad', icon: 'warning' };
  if (stack.reservation !== null) return { label: 'Reserved', tone: 'warn', icon: 'clock' };
  return stack.isAvailable
    ? { label: 'Available', tone: 'good', icon: 'check' }
    : { label: 'Held', tone: 'warn', icon: 'lock' };
}

export function StackBadge({ stack }: { stack: Stack }) {
  const { label, tone, icon } = stackStateOf(stack);
  return (
    <span class={`badge ${tone}`}>
      <Icon name={icon} /> {label}
    </span>
  );
}

/** Names the holder of a stack. The ID of a run means nothing to a person. */
export function holderOf(heldBy: string | null): string {
  return heldBy === null ? '' : heldBy.startsWith('run ') ? 'a run' : heldBy;
}

export function stackUrl(project: string, name: string): string {
  return `/stacks/${encodeURIComponent(name)}?${new URLSearchParams({ project })}`;
}
