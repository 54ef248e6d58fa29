import { compileGlobs, GlobError } from '../../lib/glob.ts';
import { omitUndefined } from '../../lib/omit-undefined.ts';
import type { Deps } from '../deps.ts';
import { outcomeWithoutResult } from '../model/outcome.ts';
import type { Run } from '../model/run.ts';
import { finish } from '../model/run-transitions.ts';
import type { Stack } from '../model/stack.ts';
import { type DoneDeploy, deployUrl } from '../model/stack-deploy.ts';
import { aboutText } from '../results/deploy-check.ts';

export type ReuseDeps = Pick<Deps, 'clock' | 'ids' | 'differences' | 'log'>;

/** Far more than real lists of patterns take for thousands of files. */
const matchSteps = 2_000_000;

/**
 * Ends an unnecessary deployment: the same deployment of this commit, or of one without changes that it
 * depends on, is on the stack. If anything is unknown, it is necessary.
 *
 * @returns the ended run; undefined if it must deploy.
 */
export async function reuseDeploy(deps: ReuseDeps, run: Run, stack: Stack): Promise<Run | undefined> {
  const { done, begun } = stack.deploys?.[run.spec.suite] ?? {};
  if (done === undefined || begun !== undefined || run.spec.deploy?.isForced === true) return undefined;
  if (done.recipe !== (await recipeOf(deps, run))) return undefined;
  if (done.commit !== run.sha && !(await isUnchanged(deps, run, done))) return undefined;
  const outcome = {
    ...outcomeWithoutResult(
      `Reused ${done.commit.slice(0, 7)}, saved about ${aboutText(done.seconds)}. ${reasonOf(run, done)}`,
    ),
    outputs: done.outputs,
  };
  const url = deployUrl(run.spec.stack?.url, stack.stackName, done.outputs);
  const deployed = omitUndefined({ commit: done.commit, url, reused: { savedSeconds: done.seconds } });
  return { ...finish(run, 'skipped', outcome, deps.clock.now()), deployed };
}

function reasonOf(run: Run, done: DoneDeploy): string {
  if (done.commit === run.sha) return 'This commit is on the stack already.';
  return run.spec.deploy?.paths === undefined
    ? 'No file differs from the deployed commit.'
    : 'No file that the deployment depends on (`paths`) differs from the deployed commit.';
}

async function isUnchanged(deps: ReuseDeps, run: Run, done: DoneDeploy): Promise<boolean> {
  const { sha, spec } = run;
  // It waits for its slot: it was compared before.
  if (sha === undefined || run.waiting?.reason === 'capacity') return false;
  try {
    const files = await deps.differences.between(run, done.commit, sha);
    if (files === undefined) return false;
    const matches = spec.deploy?.paths === undefined ? () => true : compileGlobs(spec.deploy.paths);
    const budget = { steps: matchSteps };
    return !files.some((file) => matches(file, budget));
  } catch (error) {
    if (!(error instanceof GlobError))
      deps.log.warn({ runId: run.id, err: error }, 'the commits could not be compared; deploying');
    return false;
  }
}

/** Identifies how a run deploys: a different command or environment is a different deployment. */
export function recipeOf({ ids }: Pick<Deps, 'ids'>, { spec }: Run): Promise<string> {
  const { command, setup = '', env, secrets, image = '', shell = '', checkout = {}, source, role } = spec;
  const origin = source.kind === 'git' ? source.url : 'archive';
  const sorted = (values: Readonly<Record<string, unknown>>): unknown => Object.entries(values).sort();
  const parts = [command, setup, sorted(env), sorted(secrets), image, shell, sorted({ ...checkout }), origin];
  // Only if there is one, so that the recipes of older deployments stay equal.
  if (role !== undefined) parts.push(role);
  return ids.derived('deploy', JSON.stringify(parts));
}
