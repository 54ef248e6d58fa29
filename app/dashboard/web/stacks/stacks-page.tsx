import { useLocation } from 'preact-iso';
import { api } from '../lib/api.ts';
import { usePoll } from '../lib/use-poll.ts';
import { useTitle } from '../lib/use-title.ts';
import { ErrorMessage } from '../ui/error-message.tsx';
import { NoProject } from '../ui/no-project.tsx';
import { ProjectSelect, type Projects, useProject } from '../ui/project-select.tsx';
import { Queue } from './queue.tsx';
import { StackBoard } from './stack-board.tsx';

const intervalMs = 2000;

/** Every stack of a project, and the queue for them. */
export function StacksPage({ home }: { home: string | null }) {
  const { project, projects, loaded, error } = useProject(home);
  useTitle('Stacks');
  if (project === undefined) return <NoProject loaded={loaded} error={error} />;
  return <Stacks project={project} projects={projects} />;
}

function Stacks({ project, projects }: { project: string; projects: Projects }) {
  const { route } = useLocation();
  const stacks = usePoll(`stacks ${project}`, (again) => api.stacks(project, again), intervalMs);
  const queue = usePoll(`queue ${project}`, (again) => api.queue(project, again), intervalMs);
  const isLoaded = [stacks, queue].every(({ value, error }) => (value ?? error) !== undefined);
  if (!isLoaded) return <div class="placeholder page" aria-busy="true" />;
  return (
    <>
      <h1>Stacks</h1>
      <div class="filters">
        <ProjectSelect
          project={project}
          projects={projects}
          select={(id) => route(`/stacks?${new URLSearchParams({ project: id })}`, true)}
        />
      </div>
      <ErrorMessage error={stacks.error ?? queue.error} />
      {stacks.value !== undefined && <StackBoard project={project} stacks={stacks.value.stacks} />}
      <h2 id="queue">Queue</h2>
      <Queue tickets={queue.value?.line ?? []} project={project} />
    </>
  );
}
