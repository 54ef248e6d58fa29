import { omitUndefined } from '../app/lib/omit-undefined.ts';
import type { InputReader } from './input-reader.ts';

/** The code to test: a commit on a branch of a repository. */
export interface TestedCode {
  readonly url: string;
  readonly branch: string;
  /** If omitted, the newest commit of the branch. */
  readonly sha?: string;
  /** The head of a pull request from another repository: a person with write access has not approved it. */
  readonly isFork: boolean;
}

/** The event that started the workflow, as far as the action reads it. Every field is checked before use. */
interface WorkflowEvent {
  readonly repository?: { readonly clone_url?: string; readonly [field: string]: unknown };
  readonly pull_request?: {
    readonly number?: number;
    readonly head?: {
      readonly ref?: string;
      readonly sha?: string;
      /** null if the fork was deleted. */
      readonly repo?: { readonly full_name?: string; readonly clone_url?: string } | null;
    };
    readonly base?: { readonly repo?: { readonly full_name?: string } };
  };
}

/** The context of the workflow. */
export interface WorkflowFacts {
  readonly serverUrl: string;
  readonly repository: string;
  /** `refs/heads/main`, `refs/tags/v1`, `refs/pull/7/merge`. */
  readonly ref: string;
  readonly sha: string;
  readonly event: WorkflowEvent;
}

/**
 * Chooses the code by the inputs, and by the event where they leave something open: the pushed commit, or the head of
 * the pull request. Never its merge commit, which `GITHUB_SHA` names: its ID changes with every push to the base, and a
 * check on it says nothing about the branch.
 */
export function testedCode(inputs: InputReader, facts: WorkflowFacts): TestedCode {
  const own = codeOfEvent(facts);
  const repository = inputs.text('repository');
  const ref = inputs.text('ref');
  const sha = inputs.text('sha');
  if (sha !== undefined && !/^([0-9a-f]{40}|[0-9a-f]{64})$/i.test(sha)) {
    inputs.mistake('sha', `must be a full commit ID, not ${JSON.stringify(sha)}.`);
  }
  if (repository === undefined && ref === undefined) {
    return sha === undefined ? own : { ...own, sha, isFork: false };
  }
  const url = repository === undefined ? ownUrl(facts) : urlOf(facts, repository);
  if (ref === undefined && url !== ownUrl(facts)) {
    inputs.mistake('ref', 'is required if repository is not the repository of the workflow.');
  }
  const branch = ref === undefined ? own.branch : shortRef(ref);
  // The commit of the event belongs to the branch of the event only.
  const isOwn = url === own.url && branch === own.branch;
  const commit = sha ?? (isOwn ? own.sha : undefined);
  return omitUndefined({ url, branch, sha: commit, isFork: false });
}

function codeOfEvent(facts: WorkflowFacts): TestedCode {
  const { pull_request: pull } = facts.event;
  const head = pull?.head;
  if (head?.ref === undefined || head.sha === undefined) {
    return { url: ownUrl(facts), branch: shortRef(facts.ref), sha: facts.sha, isFork: false };
  }
  const { repo } = head;
  return {
    // The commits of a deleted fork stay in the base repository, below refs/pull.
    url: repo?.clone_url ?? (repo?.full_name === undefined ? ownUrl(facts) : urlOf(facts, repo.full_name)),
    branch: head.ref,
    sha: head.sha,
    isFork: repo?.full_name !== (pull?.base?.repo?.full_name ?? facts.repository),
  };
}

/** The clone URL of the workflow's repository; the event names it, and it need not be on github.com. */
export function ownUrl(facts: WorkflowFacts): string {
  return facts.event.repository?.clone_url ?? `${facts.serverUrl}/${facts.repository}.git`;
}

/** `owner/name` is a repository on the server of the workflow; anything else is already a URL. */
function urlOf(facts: WorkflowFacts, repository: string): string {
  if (repository.toLowerCase() === facts.repository.toLowerCase()) return ownUrl(facts);
  return /^[\w.-]+\/[\w.-]+$/.test(repository) ? `${facts.serverUrl}/${repository}.git` : repository;
}

function shortRef(ref: string): string {
  return ref.replace(/^refs\/(heads\/|tags\/)?/, '');
}
