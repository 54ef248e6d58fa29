import type { GithubDeps } from '../deps.ts';
import type { Branch } from '../model/branch.ts';
import { holder, runId } from '../model/ids.ts';
import type { NeededRun, Run } from '../model/run.ts';
import { dueTime, nextTime, type Schedule } from '../model/schedule.ts';
import type { GithubProject } from '../projects/github-project.ts';
import type { StartDeps } from '../runs/start-run.ts';
import type { Settings } from '../settings/settings.ts';
import { type CommitOrigin, specOfSuite } from '../settings/suite-spec.ts';
import { startOrWait, targetOf } from './ensure-run.ts';

type ScheduleDeps = StartDeps & Pick<GithubDeps, 'ids'>;

interface ScheduledBranch {
  readonly project: GithubProject;
  /** The default branch, with its head commit. */
  readonly branch: Branch;
  readonly sha: string;
  readonly settings: Settings;
  readonly origin: CommitOrigin;
  /** The runs of the head commit. */
  readonly runs: readonly Run[];
}

/**
 * Starts the runs of the schedules that are due: one for each time, in whichever process, since its ID follows from the
 * time.
 *
 * @returns the next time of any schedule; undefined without a schedule.
 */
export async function startScheduled(deps: ScheduleDeps, at: ScheduledBranch): Promise<Date | undefined> {
  const now = deps.clock.now();
  const { scheduleAt } = at.branch;
  let next: Date | undefined;
  for (const suite of at.settings.suites)
    for (const schedule of suite.schedule ?? []) {
      const due = scheduleAt === undefined ? undefined : dueTime(schedule, scheduleAt, now);
      if (due !== undefined) await start(deps, at, { suite, schedule, due });
      const time = nextTime(schedule, now);
      if (time !== undefined && (next === undefined || time < next)) next = time;
    }
  return next;
}

async function start(
  deps: ScheduleDeps,
  { project, branch, sha, settings, origin, runs }: ScheduledBranch,
  { suite, schedule, due }: { suite: Settings['suites'][number]; schedule: Schedule; due: Date },
): Promise<void> {
  const id = runId(await deps.ids.derived('schedule', project.id, suite.name, due.toISOString()));
  const needed = (fits: (run: Run) => boolean): NeededRun[] =>
    runs.filter(fits).map((run) => ({ suite: run.spec.suite, runId: run.id }));
  const spec = specOfSuite(
    suite,
    schedule.cleanStack === true ? { ...origin, holder: holder.run(id), isKept: false } : origin,
    {
      id,
      pool: settings.stack,
      forkSecrets: settings.forkSecrets,
      deploys: needed((run) => run.spec.deploy !== undefined),
      needs: needed((run) => suite.needs?.includes(run.spec.suite) === true),
    },
  );
  const trigger = { kind: 'schedule' } as const;
  await startOrWait(deps, { project, id, spec, trigger, sha, github: targetOf({ project, branch, sha }) });
}
