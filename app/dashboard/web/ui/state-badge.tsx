import { Icon, type IconName } from './icon.tsx';

/** Each state has its own shape, because color must not be the only difference (WCAG 1.4.1). */
const appearances: Readonly<Record<string, { icon: IconName; tone: string; label: string }>> = {
  queued: { icon: 'circle-dashed', tone: 'neutral', label: 'Queued' },
  waiting: { icon: 'clock', tone: 'neutral', label: 'Waiting' },
  provisioning: { icon: 'arc', tone: 'busy', label: 'Starting' },
  running: { icon: 'spinner', tone: 'busy', label: 'Running' },
  succeeded: { icon: 'check', tone: 'good', label: 'Succeeded' },
  failed: { icon: 'cross', tone: 'bad', label: 'Failed' },
  errored: { icon: 'warning', tone: 'warn', label: 'Errored' },
  timed_out: { icon: 'timeout', tone: 'warn', label: 'Timed out' },
  cancelled: { icon: 'slash', tone: 'neutral', label: 'Canceled' },
  skipped: { icon: 'skip', tone: 'neutral', label: 'Skipped' },
};

export const states = Object.keys(appearances);
const activeStates = ['queued', 'waiting', 'provisioning', 'running'];

export function isActive({ state }: { state: string }): boolean {
  return activeStates.includes(state);
}

export function stateLabel(state: string): string {
  return appearances[state]?.label ?? state;
}

export function stateTone(state: string): string {
  return appearances[state]?.tone ?? 'neutral';
}

export function StateBadge({ state }: { state: string }) {
  return (
    <span class={`badge ${stateTone(state)}`}>
      <StateIcon state={state} /> {stateLabel(state)}
    </span>
  );
}

export function StateIcon({ state }: { state: string }) {
  return <Icon name={appearances[state]?.icon ?? 'circle-dashed'} />;
}
