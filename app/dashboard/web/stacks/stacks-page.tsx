import { useLocation } from 'preact-iso';
import { api } from '../lib/api.ts';
import { usePoll } from '../lib/use-poll.ts';
import { ErrorMessage } from '../ui/error-message.tsx';
import { type ProjectChoice, ProjectSelect, projectPage } from '../ui/project-page.tsx';
import { Queue } from './queue.tsx';
import { StackBoard } from './stack-board.tsx';

const intervalMs = 2000;

/** Every stack of a project, and the queue for them. */
export const StacksPage = projectPage('Stacks', Stacks);

function Stacks({ project, projects }: ProjectChoice) {
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
