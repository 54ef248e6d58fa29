import { api, type Scope } from './api.ts';
import { usePoll } from './use-poll.ts';

/** Only decides what is shown: the server checks access on every change. */
const intervalMs = 60_000;

/** Tells whether the caller may start, cancel and release in a project; undefined until the server has answered. */
export function useCanWrite(project: string | undefined): boolean | undefined {
  const { value } = usePoll(
    `scope ${project ?? ''}`,
    async (): Promise<{ scope: Scope }> =>
      project === undefined || project === '' ? { scope: 'read' } : api.project(project),
    intervalMs,
  );
  return value === undefined ? undefined : value.scope !== 'read';
}
