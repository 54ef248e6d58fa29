import { api, type Scope } from './api.ts';
import { usePoll } from './use-poll.ts';

/** Often enough to notice that somebody's access was changed; the server decides again at every change anyway. */
const everyMilliseconds = 60_000;

/** True where who looks may also start, cancel and release in a project; false until that is known. */
export function useMayAct(project: string | undefined): boolean {
  const asked = usePoll(
    `scope ${project ?? ''}`,
    async (): Promise<{ scope: Scope }> =>
      project === undefined || project === '' ? { scope: 'read' } : api.project(project),
    everyMilliseconds,
  );
  return asked.value !== undefined && asked.value.scope !== 'read';
}
