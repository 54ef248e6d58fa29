import { BerthError } from '../../core/model/errors.ts';
import { type ProjectId, projectId } from '../../core/model/ids.ts';
import type { Project } from '../../core/model/project.ts';
import { bindTrust, decideTrust } from '../../core/projects/oidc-trust.ts';
import { omitUndefined } from '../../lib/omit-undefined.ts';
import type { ActionsIdentity, VerifyActionsToken } from '../../ports/actions-tokens.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Store } from '../../ports/store.ts';
import { projectIdFor } from '../project-id-for.ts';
import type { Authenticator, Caller } from './caller.ts';
import { type RateLimit, rateLimiter } from './rate-limit.ts';

export interface ActionsAuthentication {
  readonly store: Pick<Store, 'projects'>;
  readonly verify: VerifyActionsToken;
  readonly clock: Clock;
}

/** The limit of one repository: any workflow can send a genuine token, and each costs a few reads. */
const limitOfRepository: RateLimit = { burst: 120, perMinute: 120 };
/** Workflows that use an entry first at the same time. */
const mostTries = 5;

/** Far longer than any token of GitHub. */
const longestToken = 16_384;

/**
 * Authenticates workflows of GitHub Actions by the OIDC token in `Authorization: Bearer`, if a project trusts their
 * repository and ref: the project of the repository itself, or the one that the request names.
 */
export function authenticateActions({ store, verify, clock }: ActionsAuthentication): Authenticator {
  const secondsToWait = rateLimiter(clock, limitOfRepository);
  return async (request) => {
    const token = bearerToken(request);
    if (token === undefined) return undefined;
    const identity = await verify(token);
    const seconds = secondsToWait(String(identity.repositoryId));
    if (seconds > 0) throw tooMany(identity, seconds);
    for (let tries = 0; tries < mostTries; tries += 1) {
      const caller = await decide({ store, clock }, identity, await candidates(store, identity, request));
      if (caller !== undefined) return caller;
    }
    throw new BerthError('conflict', 'The settings of the project change too often.', { hint: 'Try again.' });
  };
}

/** @returns undefined if the settings of a project changed in the meantime. */
async function decide(
  deps: Pick<ActionsAuthentication, 'store' | 'clock'>,
  identity: ActionsIdentity,
  projects: readonly Project[],
): Promise<Caller | undefined> {
  const decisions = projects.map((project) => ({
    project,
    decision: decideTrust(project.settings, identity),
  }));
  const trusting: Project[] = [];
  for (const { project, decision } of decisions) {
    if (decision.kind !== 'trusted') continue;
    const { entry, bound } = decision;
    if (bound !== undefined && !(await bindTrust(deps, project, entry, bound))) return undefined;
    trusting.push(project);
  }
  if (trusting.length > 0) return callerOf(identity, trusting);
  throw decisions.some(({ decision }) => decision.kind === 'replaced')
    ? replaced(identity)
    : untrusted(identity);
}

/** A token has three parts; anything else after `Bearer` is for another way to authenticate. */
function bearerToken(request: Request): string | undefined {
  const [, token] =
    /^Bearer +([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(request.headers.get('authorization') ?? '') ?? [];
  return token === undefined || token.length > longestToken ? undefined : token;
}

/**
 * Returns the candidate projects. Any workflow on GitHub has a genuine token, so this costs a few reads of
 * single items, and never reads all projects.
 */
async function candidates(
  store: ActionsAuthentication['store'],
  { repository, repositoryId }: ActionsIdentity,
  request: Request,
): Promise<Project[]> {
  const named =
    request.headers.get('x-berth-project') ?? new URL(request.url).searchParams.get('project') ?? '';
  // Names with a slash belong to repositories; 0.1.0 also took them for projects made by hand.
  const ids = [
    projectId(`gh-${repositoryId}`),
    projectIdFor(repository),
    projectId(named),
    projectIdFor(named),
  ];
  const distinct = new Set(
    ids.filter((id): id is ProjectId => id !== undefined && id !== '' && id.length <= 200),
  );
  const found = await Promise.all([...distinct].map((id) => store.projects.get(id)));
  return found
    .filter((project) => project !== undefined)
    .filter((project) => isMeant(project, { repository, repositoryId }, named));
}

/** A project that only has an ID like the slug of a repository's name is not the project of that repository. */
function isMeant(
  { id, name }: Project,
  { repository, repositoryId }: Pick<ActionsIdentity, 'repository' | 'repositoryId'>,
  named: string,
): boolean {
  return (
    id === `gh-${repositoryId}` ||
    id === named ||
    name === named ||
    name.toLowerCase() === repository.toLowerCase()
  );
}

function tooMany({ repository }: ActionsIdentity, seconds: number): BerthError {
  return new BerthError('rate_limited', `Too many requests by workflows of ${repository}.`, {
    hint: `Wait ${seconds} s.`,
  });
}

function replaced({ repository, repositoryId, repositoryOwnerId }: ActionsIdentity): BerthError {
  const ids = `repository ID ${repositoryId}${repositoryOwnerId === undefined ? '' : `, owner ID ${repositoryOwnerId}`}`;
  return new BerthError(
    'forbidden',
    `The project trusts another repository or owner that had the name of ${repository} (now ${ids}).`,
    {
      hint: 'If this is the right one, save the entry in oidcTrust again without repositoryId and repositoryOwnerId.',
    },
  );
}

/** The same error whether or not the project exists. */
function untrusted({ repository, ref }: ActionsIdentity): BerthError {
  return new BerthError('forbidden', `No project trusts workflows of ${repository} for ${ref}.`, {
    hint: 'Add the repository to oidcTrust in the project settings; add a ref to trust only some refs. If the workflow uses the project of another repository, name that project.',
  });
}

function callerOf(
  { actor, repository, workflowRunId }: ActionsIdentity,
  trusting: readonly Project[],
): Caller {
  const ids = new Set(trusting.map(({ id }) => id));
  const [home] = ids;
  return {
    actor,
    rateKey: `actions:${repository}:${workflowRunId}`,
    trigger: 'action',
    ...omitUndefined({ home }),
    projects: [...ids],
    scopeIn: (id) => (ids.has(id) ? 'run' : undefined),
  };
}
