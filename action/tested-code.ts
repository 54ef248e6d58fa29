import type { InputReader } from './input-reader.ts';
import type { WorkflowEvent } from './workflow-event.ts';

/** What is tested: a commit of a branch of a repository. */
export interface TestedCode {
  readonly url: string;
  readonly branch: string;
  /** Absent: the newest of the branch. */
  readonly sha?: string;
  /** The head of a pull request from another repository, which nobody with write access has looked at. */
  readonly isFork: boolean;
}

/** What the runner says of the workflow. */
export interface WorkflowFacts {
  readonly serverUrl: string;
  readonly repository: string;
  /** `refs/heads/main`, `refs/tags/v1`, `refs/pull/7/merge`. */
  readonly ref: string;
  readonly sha: string;
  readonly event: WorkflowEvent;
}

/**
 * The code that the inputs name, and what they leave open by the event: what was pushed, or the head of the pull
 * request. Not its merge commit, which `GITHUB_SHA` names then: nobody wrote that commit, its id changes with every push to
 * the base, and a check of it says nothing about the branch.
 */
export function testedCode(inputs: InputReader, facts: WorkflowFacts): TestedCode {
  const own = codeOfEvent(facts);
  const repository = inputs.text('repository');
  const ref = inputs.text('ref');
  const sha = inputs.text('sha');
  if (sha !== undefined && !/^([0-9a-f]{40}|[0-9a-f]{64})$/i.test(sha)) {
    inputs.mistake('sha', `has to be a full commit id, and is ${JSON.stringify(sha)}.`);
  }
  if (repository === undefined && ref === undefined) {
    return sha === undefined ? own : { ...own, sha, isFork: false };
  }
  const url = repository === undefined ? ownUrl(facts) : urlOf(facts, repository);
  if (ref === undefined && url !== ownUrl(facts)) {
    inputs.mistake('ref', 'is needed where repository is another than that of the workflow.');
  }
  const branch = ref === undefined ? own.branch : shortRef(ref);
  // The commit of the event belongs to the branch of the event, and to no other.
  const isOwn = url === own.url && branch === own.branch;
  const commit = sha ?? (isOwn ? own.sha : undefined);
  return { url, branch, ...(commit === undefined ? {} : { sha: commit }), isFork: false };
}

function codeOfEvent(facts: WorkflowFacts): TestedCode {
  const { pull_request: pull } = facts.event;
  const head = pull?.head;
  if (head?.ref === undefined || head.sha === undefined) {
    return { url: ownUrl(facts), branch: shortRef(facts.ref), sha: facts.sha, isFork: false };
  }
  const { repo } = head;
  return {
    // A fork that was deleted left its commits in the base repository, under refs/pull.
    url: repo?.clone_url ?? (repo?.full_name === undefined ? ownUrl(facts) : urlOf(facts, repo.full_name)),
    branch: head.ref,
    sha: head.sha,
    isFork: repo?.full_name !== (pull?.base?.repo?.full_name ?? facts.repository),
  };
}

/** The event says where its repository is to be cloned from, and need not come from github.com. */
function ownUrl(facts: WorkflowFacts): string {
  return facts.event.repository?.clone_url ?? `${facts.serverUrl}/${facts.repository}.git`;
}

/** `owner/name` is a repository on the server of the workflow; anything else is a URL already. */
function urlOf(facts: WorkflowFacts, repository: string): string {
  if (repository.toLowerCase() === facts.repository.toLowerCase()) return ownUrl(facts);
  return /^[\w.-]+\/[\w.-]+$/.test(repository) ? `${facts.serverUrl}/${repository}.git` : repository;
}

function shortRef(ref: string): string {
  return ref.replace(/^refs\/(heads\/|tags\/)?/, '');
}
