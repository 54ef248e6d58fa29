import { durationText } from '../../lib/format.ts';
import { codeCell, cutToBytes, inlineCode, prose, webLink } from '../../lib/markdown.ts';
import type { Run } from '../model/run.ts';
import { isWebUrl } from '../model/stack-deploy.ts';

/** The texts of a deployment's check. */

/** The deployment that a run waits for, even if the run was created a moment ago. */
export function awaitedDeploy({ state, waiting, spec }: Run): string | undefined {
  if (waiting !== undefined) return waiting.reason === 'deploy' ? waiting.deploy : undefined;
  return state === 'queued' ? spec.deploys?.[0]?.suite : undefined;
}

/** @returns undefined for a state that reads as that of any run. */
export function deployHeadline(run: Run, tookSeconds: number | undefined): string | undefined {
  const stack = run.held?.stackName ?? 'the stack';
  const commit = run.deployed?.commit.slice(0, 7) ?? '';
  switch (run.state) {
    case 'provisioning':
      return run.launches > 1 ? undefined : `Starting the deployment to ${stack}`;
    case 'running':
      return `Deploying to ${stack}`;
    case 'succeeded':
      return `Deployed ${commit} to ${stack}${tookSeconds === undefined ? '' : ` in ${durationText(tookSeconds)}`}`;
    case 'skipped':
      return run.deployed?.reused === undefined
        ? undefined
        : `Reused ${commit}, saved about ${aboutText(run.deployed.reused.savedSeconds)}`;
    case 'failed':
      return `The deployment to ${stack} failed`;
    case 'errored':
      return run.outcome?.errorCode === 'deploy_failed' ? undefined : 'Berth could not deploy';
    case 'timed_out':
      return `The deployment timed out after ${durationText(run.spec.timeoutSeconds)}`;
    default:
      return undefined;
  }
}

/** @returns undefined for a state that reads as that of any run. */
export function deployStory(run: Run): string | undefined {
  const stack = inlineCode(run.held?.stackName ?? 'the stack');
  const outcome = prose(cutToBytes(run.outcome?.summary ?? '', 3_000));
  switch (run.state) {
    case 'queued':
      return run.waiting === undefined && awaitedDeploy(run) === undefined
        ? 'Berth deploys this commit as soon as possible. You do not need to do anything.'
        : undefined;
    case 'running':
      return `Berth is deploying this commit to ${stack}. The suites that use the stack start afterwards. Follow the log on the page of the run.`;
    case 'skipped':
      return run.deployed === undefined ? undefined : outcome;
    case 'failed':
    case 'timed_out':
      return `**${outcome}** The suites that use ${stack} do not run for this commit.`;
    case 'errored':
      return run.outcome?.errorCode === 'deploy_failed'
        ? undefined
        : `**The deployment did not finish, so the suites that use the stack do not run.** ${outcome}`;
    default:
      return undefined;
  }
}

const maxShown = 20;

/** Lists the URLs and the outputs of a deployment. */
export function outputTable({ outcome, deployed }: Run): string {
  const rows = Object.entries(outcome?.outputs ?? {}).map(
    ([name, value]) =>
      `| ${codeCell(name)} | ${isWebUrl(value) ? webLink(value, value) : codeCell(cutToBytes(value, 300))} |`,
  );
  const more = rows.length > maxShown ? [`| and ${rows.length - maxShown} more | |`] : [];
  const table = ['| output | value |', '|---|---|', ...rows.slice(0, maxShown), ...more].join('\n');
  const link = deployed?.url === undefined ? '' : `Deployed at ${webLink(deployed.url, deployed.url)}`;
  return [link, rows.length === 0 ? '' : table].filter((part) => part !== '').join('\n\n');
}

/** `40 s`, `6 min`. */
export function aboutText(seconds: number): string {
  return seconds < 60 ? `${Math.max(1, Math.round(seconds))} s` : `${Math.round(seconds / 60)} min`;
}
