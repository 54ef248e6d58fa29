import { omitUndefined } from '../../lib/omit-undefined.ts';
import type { Deps } from '../deps.ts';
import type { CheckContext } from '../model/check-context.ts';
import { stackLimitOf } from '../model/project.ts';
import type { Run } from '../model/run.ts';
import { describeHold } from '../model/stack.ts';

/** In a larger pool, a list of all holders is not helpful. */
const mostListedStacks = 100;

/** Collects what a check shows in addition to the run. */
export async function checkContext(
  deps: Pick<Deps, 'store' | 'links' | 'logs'>,
  run: Run,
): Promise<CheckContext> {
  const consoleUrl = run.task === undefined ? undefined : deps.logs.consoleUrl(run);
  const holders = await holdersFor(deps, run);
  return omitUndefined({
    links: omitUndefined({
      run: deps.links.run(run.id),
      report: deps.links.report(run.id),
      console: consoleUrl,
    }),
    holders,
  });
}

async function holdersFor(deps: Pick<Deps, 'store'>, run: Run): Promise<CheckContext['holders']> {
  if (run.state !== 'waiting' || run.waiting?.reason !== 'line') return undefined;
  const project = await deps.store.projects.get(run.projectId);
  if (project === undefined || stackLimitOf(project.settings) > mostListedStacks) return undefined;
  const stacks = await deps.store.stacks.list(project.id);
  return stacks.flatMap(({ stackName, hold }) =>
    hold === undefined ? [] : [{ stackName, heldBy: describeHold(hold), since: hold.since }],
  );
}
