import { z } from 'zod';
import type { Finding } from '../../core/model/app-check.ts';
import { BerthError } from '../../core/model/errors.ts';
import { runCheck } from '../run-check.ts';
import { type AppCheckDeps, checkInstalledApp } from './check-app.ts';
import { keyFile } from './credential-steps.ts';
import { aws, outputOf, type StepContext, showLog, succeeds } from './step.ts';
import { findImage } from './steps.ts';

/** A small public repository. Cloning it proves that tasks reach the internet. */
const canary = {
  repo_url: 'https://github.com/octocat/Hello-World.git',
  branch: 'master',
  test_command: 'echo berth canary',
  stack: false,
};
const pollMs = 5_000;
/** A first task pulls its image, which takes a minute or two. */
const canaryMs = 10 * 60_000;

export interface CheckDeps extends AppCheckDeps {
  readonly fetch: typeof globalThis.fetch;
}

/** Checks an installation from outside: roles, image, API, and one run on Fargate with its log. */
export async function checkInstallation(context: StepContext, deps: CheckDeps): Promise<readonly Finding[]> {
  const { installation } = context;
  const url = z.string().parse(await outputOf(context, 'url'));
  const roles = await runCheck('service roles', () => checkRoles(context));
  const image = installation.image === undefined ? [await runCheck('image', () => checkImage(context))] : [];
  const api = await runCheck('API', () => checkApi(context, url, deps));
  const app = installation.github && api.isWell ? await appFindings(context, url, deps) : [];
  const isReady = [roles, api, ...image].every(({ isWell }) => isWell);
  // Tasks without internet access cannot clone it.
  if (!isReady || installation.network === 'endpoints') return [roles, ...image, api, ...app];
  const key = /^BERTH_API_KEY=(\S+)$/m.exec((await context.world.read(keyFile(context))) ?? '')?.[1] ?? '';
  return [roles, ...image, api, ...app, await runCheck('canary run', () => runCanary({ ...deps, url, key }))];
}

async function appFindings(
  context: StepContext,
  url: string,
  deps: AppCheckDeps,
): Promise<readonly Finding[]> {
  try {
    return await checkInstalledApp(context, url, deps);
  } catch (error) {
    return [await runCheck('GitHub App', () => Promise.reject(error))];
  }
}

async function checkRoles(context: StepContext): Promise<string> {
  const names = ['AWSServiceRoleForECS', 'AWSServiceRoleForBatch'].slice(
    0,
    'event_driven_run' in context.installation.variables ? 2 : 1,
  );
  for (const name of names) {
    if (await succeeds(context, aws('iam', 'get-role', '--role-name', name))) continue;
    const service = name === 'AWSServiceRoleForECS' ? 'ecs' : 'batch';
    throw new BerthError('install_failed', `The account has no role ${name}.`, {
      hint: `Run: aws iam create-service-linked-role --aws-service-name ${service}.amazonaws.com`,
    });
  }
  return names.join(', ');
}

async function checkImage(context: StepContext): Promise<string> {
  if (await succeeds(context, findImage(context))) return `the repository has ${context.imageTag}`;
  throw new BerthError('image_not_found', `The repository has no image with the tag ${context.imageTag}.`, {
    hint: 'Run berth aws install again: it builds and pushes the image.',
  });
}

async function checkApi(context: StepContext, url: string, { fetch }: CheckDeps): Promise<string> {
  const response = await fetch(`${url}/healthz`, { signal: AbortSignal.timeout(30_000) });
  if (response.ok) return `${url} answers`;
  throw new BerthError('install_failed', `${url}/healthz answers with ${response.status}.`, {
    hint: `See the log of the function: ${showLog(context, `${context.installation.project}-http`)}`,
  });
}

const startedSchema = z.object({ workflow_id: z.string() });
const statusSchema = z.object({
  state: z.string(),
  conclusion: z.string().nullish(),
  summary: z.string().nullish(),
});

async function runCanary({
  url,
  key,
  fetch,
  sleep,
}: CheckDeps & { url: string; key: string }): Promise<string> {
  const call = async (path: string, init: RequestInit = {}): Promise<unknown> => {
    const headers = { 'x-api-key': key, 'content-type': 'application/json' };
    const response = await fetch(`${url}${path}`, { ...init, headers, signal: AbortSignal.timeout(30_000) });
    const text = await response.text();
    if (!response.ok) throw new Error(`${path} answers with ${response.status}: ${text}`);
    return JSON.parse(text);
  };
  const begun = await call('/workflow/execute', { method: 'POST', body: JSON.stringify(canary) });
  const { workflow_id: id } = startedSchema.parse(begun);
  for (let waited = 0; waited < canaryMs; waited += pollMs) {
    const { state, conclusion } = statusSchema.parse(await call(`/workflow/${id}/status`));
    if (conclusion === 'success') {
      const log = JSON.stringify(await call(`/workflow/${id}/logs`));
      if (log.includes('berth canary')) return `the run ${id} passed on Fargate, and its log is complete`;
      throw new Error(`The run ${id} passed, but its log has no line of the command.`);
    }
    if (conclusion !== null && conclusion !== undefined) throw new Error(`The run ${id} ended as ${state}.`);
    await sleep(pollMs);
  }
  throw new Error(`The run ${id} did not end in ${canaryMs / 60_000} minutes. See ${url}/workflow/${id}.`);
}
