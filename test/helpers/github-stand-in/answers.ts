import type { Context } from 'hono';
import { HTTPException } from 'hono/http-exception';
import type { AppIdentity } from './app-identity.ts';
import {
  findRepository,
  type GithubState,
  type RepositoryState,
  type TokenState,
  type UserTokenState,
} from './state.ts';
import { bodyMistakes } from './validate-body.ts';

/** The caller: the App, an installation, a person through the App, or anonymous. */
export type Principal =
  | { kind: 'app' }
  | { kind: 'installation'; token: TokenState }
  | { kind: 'person'; token: UserTokenState }
  | { kind: 'nobody' };

export interface StandInEnv {
  Variables: { principal: Principal };
}
export type StandInContext = Context<StandInEnv>;

/** The dependencies of every route. */
export interface Ground {
  readonly state: GithubState;
  readonly identity: AppIdentity;
  /** A number that was not used before. */
  nextId(): number;
  /** Where the stand-in's API begins, such as `http://127.0.0.1:4000/api/v3`. */
  apiUrl(): string;
  /** Where people look at it, such as `http://127.0.0.1:4000`. */
  webUrl(): string;
  /** Notifies the App of a change, asynchronously like GitHub. */
  notify(event: string, payload: Readonly<Record<string, unknown>>): void;
}

/** GitHub's answer to a request that it rejects. */
export function refusal(
  status: 400 | 401 | 403 | 404 | 405 | 409 | 422,
  message: string,
  errors?: unknown,
): HTTPException {
  const body = JSON.stringify({
    message,
    ...(errors === undefined ? {} : { errors }),
    documentation_url: 'https://docs.github.com/rest',
    status: String(status),
  });
  return new HTTPException(status, {
    res: new Response(body, { status, headers: { 'content-type': 'application/json; charset=utf-8' } }),
  });
}

const ranks: Readonly<Record<string, number>> = { read: 1, write: 2, admin: 3 };

/**
 * The repository that a route names, if the installation may do this to it.
 *
 * @throws HTTPException 404 where the token does not reach it, 403 where it lacks the permission, as GitHub does.
 */
export function authorized(
  ground: Ground,
  c: StandInContext,
  permission: string,
  needed: 'read' | 'write',
): RepositoryState {
  const principal = c.get('principal');
  if (principal.kind === 'nobody') throw refusal(401, 'Requires authentication');
  if (principal.kind !== 'installation') throw refusal(403, 'Resource not accessible by integration');
  const repository = findRepository(ground.state, c.req.param('owner') ?? '', c.req.param('repo') ?? '');
  const { repositoryIds, permissions } = principal.token;
  if (repository === undefined || (repositoryIds !== undefined && !repositoryIds.includes(repository.id))) {
    throw refusal(404, 'Not Found');
  }
  if ((ranks[permissions[permission] ?? ''] ?? 0) < (ranks[needed] ?? 0)) {
    throw refusal(403, 'Resource not accessible by integration');
  }
  return repository;
}

/** @throws HTTPException 401 where the caller did not sign in as the App. */
export function asApp(c: StandInContext): void {
  if (c.get('principal').kind !== 'app') throw refusal(401, 'A JSON web token could not be decoded');
}

/**
 * A request's body, checked against GitHub's description of the operation.
 *
 * @throws HTTPException 400 for what is not JSON, 422 for what GitHub refuses.
 */
export async function describedBody<Body>(c: StandInContext, operation: string): Promise<Body> {
  const body: unknown = await c.req.json().catch(() => {
    throw refusal(400, 'Problems parsing JSON');
  });
  const mistakes = bodyMistakes(operation, body);
  if (mistakes.length > 0) throw refusal(422, `Invalid request.\n\n${mistakes.join('\n')}`, mistakes);
  // Checked just now against the schema that `Body` describes.
  return body as Body;
}

/** One page of a list, with the `Link` header that leads to the next. */
export function paged<Item>(
  c: StandInContext,
  items: readonly Item[],
): { page: Item[]; headers: Record<string, string> } {
  const perPage = Math.min(100, Number(c.req.query('per_page') ?? 30));
  const number = Number(c.req.query('page') ?? 1);
  const page = items.slice((number - 1) * perPage, number * perPage);
  if (number * perPage >= items.length) return { page, headers: {} };
  const next = new URL(c.req.url);
  next.searchParams.set('page', String(number + 1));
  return { page, headers: { link: `<${next.href}>; rel="next"` } };
}
