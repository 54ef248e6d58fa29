import type { ComponentType } from 'preact';
import { useLocation } from 'preact-iso';
import { api } from '../lib/api.ts';
import { usePoll } from '../lib/use-poll.ts';
import { useTitle } from '../lib/use-title.ts';
import { ErrorMessage } from './error-message.tsx';
import { Select } from './select.tsx';

/** The selected project, and the projects that the caller may see. */
export interface ProjectChoice {
  readonly project: string;
  readonly projects: Awaited<ReturnType<typeof api.projects>>;
}

/** Makes a page of one project: the one in the address, or the caller's own, or the first. */
export function projectPage(title: string, Page: ComponentType<ProjectChoice>) {
  return ({ home }: { home: string | null }) => {
    const { query } = useLocation();
    const { value, error } = usePoll('projects', api.projects, undefined);
    useTitle(title);
    const projects = value ?? [];
    const project = query.project ?? home ?? projects[0]?.id;
    if (project !== undefined) return <Page project={project} projects={projects} />;
    if (error !== undefined || value === undefined) return <ErrorMessage error={error} />;
    return (
      <div class="empty">
        <h1>No projects</h1>
        <p>
          You have no access to a repository that Berth is installed on. Ask an owner of the repository for
          access on GitHub, then reload this page.
        </p>
      </div>
    );
  };
}

/** The project menu. It takes its space before the projects are loaded, so that nothing moves. */
export function ProjectSelect({
  project,
  projects,
  select,
}: ProjectChoice & { readonly select: (id: string) => void }) {
  const options = projects.map(({ id, name }) => [id, name] as const);
  const isListed = projects.some(({ id }) => id === project);
  return (
    <Select
      label="Project"
      value={project}
      options={isListed ? options : [[project, project], ...options]}
      change={select}
    />
  );
}
