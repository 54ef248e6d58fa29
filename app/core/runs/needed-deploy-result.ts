import { omitUndefined } from '../../lib/omit-undefined.ts';
import { outcomeWithoutResult } from '../model/outcome.ts';
import { isUnwanted, type Run } from '../model/run.ts';
import { finish } from '../model/run-transitions.ts';
import type { Stack } from '../model/stack.ts';
import { deployCheck } from '../model/stack-deploy.ts';
import type { NeededState } from '../stacks/needed-deploys.ts';

/** Ends a run whose deployment failed: it has nothing to test. */
export function endWithoutDeploy(
  run: Run,
  needed: Extract<NeededState, { kind: 'failed' | 'refused' }>,
  now: Date,
): Run {
  if (needed.kind === 'refused') {
    const { code, message } = needed.error;
    return code === 'branch_closed'
      ? finish(run, 'cancelled', outcomeWithoutResult(message), now)
      : finish(run, 'errored', outcomeWithoutResult(message, code), now);
  }
  const { deploy } = needed;
  // The branch has another commit or is closed, so this run will be canceled too.
  if (isUnwanted(deploy))
    return finish(run, 'cancelled', outcomeWithoutResult(deploy.cancel?.reason ?? ''), now);
  const how = deploy.state === 'cancelled' ? 'was canceled' : 'failed';
  const summary = `Not run: berth/${deploy.spec.suite} ${how}, so there was nothing to test. When it succeeds, this suite runs.`;
  return finish(run, 'errored', outcomeWithoutResult(summary, 'deploy_failed'), now);
}

/**
 * Returns the facts about the stack for the command of a run: for a deployment, the commit that it replaces; for a suite, the outputs and
 * the URLs of what was deployed.
 */
export function heldWith(
  run: Run,
  stack: Stack,
  more: { isNew: boolean; initialCommit: string | undefined; deploys: readonly Run[] },
): NonNullable<Run['held']> {
  const own = run.spec.deploy === undefined ? undefined : stack.deploys?.[run.spec.suite]?.done?.commit;
  const { outputs, url } = outputsOf(stack, more.deploys);
  return omitUndefined({
    stackName: stack.stackName,
    token: stack.token,
    isNew: more.isNew,
    lastDeployedCommit: own ?? stack.lastDeployedCommit ?? more.initialCommit,
    outputs: Object.keys(outputs).length === 0 ? undefined : outputs,
    url,
  });
}

/** Merges the outputs of several deployments; for the same name, the later one. */
function outputsOf(
  stack: Stack,
  deploys: readonly Run[],
): { outputs: Readonly<Record<string, string>>; url?: string } {
  const outputs: Record<string, string> = {};
  let last: string | undefined;
  for (const { spec, deployed } of deploys) {
    const done = stack.deploys?.[spec.suite]?.done;
    const url = deployed?.url ?? done?.url;
    Object.assign(outputs, done?.outputs);
    if (url === undefined) continue;
    last = url;
    outputs.BERTH_URL = url;
    const name = urlVariable(spec.suite);
    if (name !== undefined) outputs[name] = url;
  }
  return omitUndefined({ outputs, url: last });
}

/** `BERTH_URL_API` for the deployment `deploy/api`. */
function urlVariable(suite: string): string | undefined {
  if (suite === deployCheck || !suite.startsWith(`${deployCheck}/`)) return undefined;
  const name = suite.slice(deployCheck.length + 1);
  return `BERTH_URL_${name.toUpperCase().replace(/[^A-Z0-9]/g, '_')}`;
}
