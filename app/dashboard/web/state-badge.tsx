/** Each state with a sign of its own: colour alone tells nothing to one in twelve men. */
const signs: Readonly<Record<string, { sign: string; tone: string; words: string }>> = {
  queued: { sign: '○', tone: 'calm', words: 'Queued' },
  waiting: { sign: '◔', tone: 'calm', words: 'Waiting' },
  provisioning: { sign: '◑', tone: 'busy', words: 'Starting' },
  running: { sign: '◕', tone: 'busy', words: 'Running' },
  succeeded: { sign: '✓', tone: 'good', words: 'Succeeded' },
  failed: { sign: '✗', tone: 'bad', words: 'Failed' },
  errored: { sign: '!', tone: 'warn', words: 'Errored' },
  timed_out: { sign: '⧗', tone: 'warn', words: 'Timed out' },
  cancelled: { sign: '⊘', tone: 'calm', words: 'Cancelled' },
  skipped: { sign: '↷', tone: 'calm', words: 'Skipped' },
};

export const states = Object.keys(signs);
export const activeStates = ['queued', 'waiting', 'provisioning', 'running'];

export function wordsOf(state: string): string {
  return signs[state]?.words ?? state;
}

export function StateBadge({ state }: { state: string }) {
  const { sign, tone, words } = signs[state] ?? { sign: '?', tone: 'calm', words: state };
  return (
    <span class={`badge ${tone}`}>
      <span aria-hidden="true">{sign}</span> {words}
    </span>
  );
}
