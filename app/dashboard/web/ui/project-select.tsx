import { useLocation } from 'preact-iso';
import { type ApiError, api } from '../lib/api.ts';
import { usePoll } from '../lib/use-poll.ts';

export type Projects = Awaited<ReturnType<typeof api.projects>>['projects'];

/** Selects the project in the address, or the caller's own, or the first. */
export function useProject(home: string | null): {
  project: string | undefined;
  projects: Projects;
  /** True once the list of projects has been answered. */
  loaded: boolean;
  error: ApiError | undefined;
} {
  const { query } = useLocation();
  const { value, error } = usePoll('projects', api.projects, undefined);
  const projects = value?.projects ?? [];
  return {
    project: query.project ?? home ?? projects[0]?.id,
    projects,
    loaded: value !== undefined,
    error,
  };
}

/** The project menu. It takes its space before the projects are loaded, so that nothing moves. */
export function ProjectSelect({
  project,
  projects,
  select,
}: {
  project: string;
  projects: Projects;
  select: (id: string) => void;
}) {
  return (
    <label>
      Project
      <select value={project} onChange={(event) => select(event.currentTarget.value)}>
        {!projects.some(({ id }) => id === project) && <option value={project}>{project}</option>}
        {projects.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}
