import { BerthError } from '../../core/model/errors.ts';
import { type ProjectId, projectId } from '../../core/model/ids.ts';
import type { Project } from '../../core/model/project.ts';
import { trustsWorkflow } from '../../core/projects/oidc-trust.ts';
import type { ActionsIdentity, VerifyActionsToken } from '../../ports/actions-tokens.ts';
import type { Store } from '../../ports/store.ts';
import { projectIdFor } from '../project-id-for.ts';
import type { Authenticator, Caller } from './caller.ts';

export interface ActionsAuthentication {
  readonly store: Pick<Store, 'projects'>;
  readonly verify: VerifyActionsToken;
}

/** Far above any that GitHub makes. */
const longestToken = 16_384;

/**
 * Knows workflows of GitHub Actions by the OIDC token in `Authorization: Bearer`, where a project trusts their
 * repository and ref: the project of the repository itself, or the one that the request names.
 */
export function authenticateActions({ store, verify }: ActionsAuthentication): Authenticator {
  return async (request) => {
    const token = bearerToken(request);
    if (token === undefined) return undefined;
    const identity = await verify(token);
    const projects = await candidates(store, identity, request);
    const trusting = projects.filter(({ settings }) => trustsWorkflow(settings, identity));
    if (trusting.length === 0) throw untrusted(identity);
    return callerOf(identity, trusting);
  };
}

/** A token has three parts; anything else after `Bearer` is for another way of proving who one is. */
function bearerToken(request: Request): string | undefined {
  const [, token] =
    /^Bearer +([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(request.headers.get('authorization') ?? '') ?? [];
  return token === undefined || token.length > longestToken ? undefined : token;
}

/**
 * The projects that may be meant. Every workflow in the world can show a genuine token, so this costs a few reads of
 * single items, and never looks through all projects.
 */
async function candidates(
  store: ActionsAuthentication['store'],
  { repository, repositoryId }: ActionsIdentity,
  request: Request,
): Promise<Project[]> {
  const named =
    request.headers.get('x-berth-project') ?? new URL(request.url).searchParams.get('project') ?? '';
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
  return found.filter((project) => project !== undefined);
}

/** The same whether or not there is a project of that name. */
function untrusted({ repository, ref }: ActionsIdentity): BerthError {
  return new BerthError('forbidden', `No project trusts workflows of ${repository} for ${ref}.`, {
    hint: 'Add the repository, and the ref where only some are meant, to oidcTrust in the settings of the project; name the project where it is not that of the repository.',
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
    ...(home === undefined ? {} : { home }),
    projects: [...ids],
    scopeIn: (id) => (ids.has(id) ? 'run' : undefined),
  };
}
