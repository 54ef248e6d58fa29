import type { ActionsIdentity } from '../../ports/actions-tokens.ts';
import type { Deps } from '../deps.ts';
import type { Project, ProjectSettings } from '../model/project.ts';
import { unlessLost } from '../model/retry-lost-race.ts';

export type OidcTrust = NonNullable<ProjectSettings['oidcTrust']>[number];

export type TrustDecision =
  /** `bound` is the entry with the IDs that it is valid for from now on, if it had none. */
  | { readonly kind: 'trusted'; readonly entry: OidcTrust; readonly bound?: OidcTrust }
  /** The name matches, but the repository or its owner is a different one than before. */
  | { readonly kind: 'replaced'; readonly entry: OidcTrust }
  | { readonly kind: 'unknown' };

/** GitHub runs these with the rights of the base repository, even for the code of a fork. */
const unsafeEvents: readonly string[] = ['pull_request_target'];

/** Decides whether a project lets a workflow do what a key of scope `run` may do. */
export function decideTrust(
  { oidcTrust = [] }: Pick<ProjectSettings, 'oidcTrust'>,
  workflow: ActionsIdentity,
): TrustDecision {
  const matching = oidcTrust.filter((entry) => matchesNames(entry, workflow));
  const entry = matching.find((one) => hasIds(one, workflow));
  if (entry === undefined) {
    const [replaced] = matching;
    return replaced === undefined ? { kind: 'unknown' } : { kind: 'replaced', entry: replaced };
  }
  const bound = withIds(entry, workflow);
  return bound === undefined ? { kind: 'trusted', entry } : { kind: 'trusted', entry, bound };
}

function matchesNames(entry: OidcTrust, workflow: ActionsIdentity): boolean {
  const { ref, environment, workflow: file } = entry;
  return (
    isRepository(entry.repository, workflow.repository) &&
    (ref === undefined || matches(ref, workflow.ref)) &&
    (environment === undefined || environment === workflow.environment) &&
    (file === undefined || (workflow.workflowFile !== undefined && matches(file, workflow.workflowFile))) &&
    isEvent(entry.events, workflow.event)
  );
}

function isEvent(events: readonly string[] | undefined, event: string | undefined): boolean {
  if (events !== undefined) return event !== undefined && events.includes(event);
  return event === undefined || !unsafeEvents.includes(event);
}

function hasIds({ repositoryId, repositoryOwnerId }: OidcTrust, workflow: ActionsIdentity): boolean {
  return (
    (repositoryId === undefined || repositoryId === workflow.repositoryId) &&
    (repositoryOwnerId === undefined || repositoryOwnerId === workflow.repositoryOwnerId)
  );
}

/** `owner/*` is bound to the owner, and a name to the one repository. */
function withIds(entry: OidcTrust, workflow: ActionsIdentity): OidcTrust | undefined {
  const { repositoryId, repositoryOwnerId } = workflow;
  if (!entry.repository.endsWith('/*')) {
    return entry.repositoryId === undefined ? { ...entry, repositoryId } : undefined;
  }
  return entry.repositoryOwnerId === undefined && repositoryOwnerId !== undefined
    ? { ...entry, repositoryOwnerId }
    : undefined;
}

/** Names of repositories are the same in upper and lower case; `owner/*` is every one of an owner. */
function isRepository(trusted: string, name: string): boolean {
  const [one, other] = [trusted.toLowerCase(), name.toLowerCase()];
  return one.endsWith('/*') ? other.startsWith(one.slice(0, -1)) : one === other;
}

/** `*` stands for any characters, even for `/`. Takes the leftmost match of each part, so it never backtracks. */
function matches(pattern: string, text: string): boolean {
  const [head = '', ...parts] = pattern.split('*');
  const tail = parts.pop();
  if (tail === undefined) return text === head;
  if (!text.startsWith(head)) return false;
  let at = head.length;
  for (const part of parts) {
    const found = text.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  return text.length - at >= tail.length && text.endsWith(tail);
}

/**
 * Stores the IDs of the repository that used an entry of `oidcTrust` first: a later repository or owner of the same name
 * is another one.
 *
 * @returns false if the settings have changed since then: decide again.
 */
export async function bindTrust(
  { store, clock }: Pick<Deps, 'clock'> & { readonly store: Pick<Deps['store'], 'projects'> },
  project: Project,
  entry: OidcTrust,
  bound: OidcTrust,
): Promise<boolean> {
  const oidcTrust = (project.settings.oidcTrust ?? []).map((one) => (one === entry ? bound : one));
  const modified = new Date(Math.max(clock.now().getTime(), project.modified.getTime() + 1));
  const changed = { ...project, settings: { ...project.settings, oidcTrust }, modified };
  return (await unlessLost(() => store.projects.replace(project, changed).then(() => true))) === true;
}
