import { useLocation } from 'preact-iso';
import { type ApiError, api } from './api.ts';
import { usePoll } from './use-poll.ts';

export type Projects = Awaited<ReturnType<typeof api.projects>>['projects'];

/** The project that the address names, else the own one, else the first. */
export function useProject(home: string | null): {
  project: string | undefined;
  projects: Projects;
  /** Whether the projects were asked for and answered. */
  known: boolean;
  error: ApiError | undefined;
} {
  const { query } = useLocation();
  const asked = usePoll('projects', api.projects, undefined);
  const projects = asked.value?.projects ?? [];
  return {
    project: query.project ?? home ?? projects[0]?.id,
    projects,
    known: asked.value !== undefined,
    error: asked.error,
  };
}

/** Its room is there before the projects are known, so that nothing moves when they come. */
export function ProjectChoice({
  project,
  projects,
  choose,
}: {
  project: string;
  projects: Projects;
  choose: (id: string) => void;
}) {
  return (
    <label>
      Project
      <select value={project} onChange={(event) => choose(event.currentTarget.value)}>
        {projects.length === 0 && <option value={project}>{project}</option>}
        {projects.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}
