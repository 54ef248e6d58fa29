import { api, type Scope } from './api.ts';
import { usePoll } from './use-poll.ts';

/** Often enough to notice that somebody's access was changed; the server decides again at every change anyway. */
const everyMilliseconds = 60_000;

/**
 * Whether who looks may also start, cancel and release in a project; undefined until that is known: then there is room
 * for the buttons, and nobody can press them.
 */
export function useMayAct(project: string | undefined): boolean | undefined {
  const asked = usePoll(
    `scope ${project ?? ''}`,
    async (): Promise<{ scope: Scope }> =>
      project === undefined || project === '' ? { scope: 'read' } : api.project(project),
    everyMilliseconds,
  );
  return asked.value === undefined ? undefined : asked.value.scope !== 'read';
}
