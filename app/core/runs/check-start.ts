import { branchOfRun, isOfTag } from '../branches/branch-of.ts';
import type { StoreDeps } from '../deps.ts';
import { type Branch, mayRun } from '../model/branch.ts';
import { BerthError } from '../model/errors.ts';
import type { Project } from '../model/project.ts';
import type { Run, Trigger } from '../model/run.ts';

/**
 * The rule for running a commit again. Every way to do so goes through it: the REST API, the dashboard, the
 * CLI, comments, the buttons of a check, GitHub's own "Re-run", and automatic retries.
 *
 * @returns the branch that the run belongs to, if it belongs to one.
 * @throws BerthError `conflict`, `branch_closed`, `not_approved`.
 */
export async function checkRetest(
  deps: StoreDeps,
  project: Project,
  run: Run,
  trigger: Trigger,
): Promise<Branch | undefined> {
  if (run.spec.teardownOf !== undefined) {
    throw new BerthError('conflict', 'A teardown cannot be retested.', {
      hint: 'Release the stack again, or force its release.',
    });
  }
  const { github } = project;
  if (run.github === undefined || github === undefined) return undefined;
  if (run.spec.suite === 'settings') {
    throw new BerthError('conflict', 'The check of the settings cannot be retested: it runs no tests.', {
      hint: 'Push a commit that corrects .github/berth.yml.',
    });
  }
  if (isOfTag(run)) return undefined;
  const branch = await branchOfRun(deps, { ...project, github }, run);
  if (branch === undefined) {
    // A run of version 0.1.0 whose branch was not looked at yet.
    if (run.spec.untrusted) throw notApproved(run);
    return undefined;
  }
  if (!branch.isOpen || (trigger.kind === 'retry' && branch.head !== run.sha)) {
    throw new BerthError('branch_closed', `The branch ${branch.name} no longer needs this run.`, {
      hint: 'Reopen its pull request, or push to the branch.',
    });
  }
  // An approval is for one commit: an older commit of a fork is not approved by that of the head.
  if (run.spec.untrusted && !(mayRun(branch) && branch.head === run.sha)) throw notApproved(run);
  return branch;
}

/**
 * Refuses to start code of a fork at a commit that no one approved. Recognizes it by its commit, or by the
 * URL of the fork.
 *
 * @throws BerthError `not_approved`.
 */
export async function checkCommit(
  deps: StoreDeps,
  project: Project,
  { sha, spec }: Pick<Run, 'sha' | 'spec'>,
): Promise<void> {
  if (project.github === undefined) return;
  if (sha !== undefined) {
    const branches = await deps.store.branches.atCommit(project.id, sha);
    if (branches.some(mayRun)) return;
    if (branches.length > 0 || (await isOfForksOnly(deps, project, sha))) throw notApproved({ sha });
  }
  // No commit is named, or no pull request has it.
  if (await isOfFork(deps, project, spec)) throw notApproved({ sha });
}

/** Older commits of forks have runs, which were refused or approved at that time. */
async function isOfForksOnly({ store }: StoreDeps, project: Project, sha: string): Promise<boolean> {
  // A list of runs ends before very old ones; the record of the commit names the runs that its checks show.
  const [{ items }, checks] = await Promise.all([
    store.runs.list(project.id, { sha }, { limit: 100 }),
    store.branches.newestChecks(project.id, sha),
  ]);
  const shown = await store.runs.getAll([...checks.values()].map(({ runId }) => runId));
  const ofGithub = [...items, ...shown].filter(({ github }) => github !== undefined);
  return ofGithub.length > 0 && ofGithub.every(({ spec }) => spec.untrusted);
}

async function isOfFork({ store }: StoreDeps, { id }: Project, { source }: Run['spec']): Promise<boolean> {
  if (source.kind !== 'git') return false;
  const path = repositoryPath(source.url);
  return (await store.branches.listOpen(id)).some(
    ({ fork }) => fork !== undefined && fork.toLowerCase() === path,
  );
}

/** `owner/name` of a clone URL, however it is written: `https://host/owner/name.git`, `git@host:owner/name`. */
function repositoryPath(url: string): string {
  const path = URL.canParse(url) ? new URL(url).pathname : url.slice(url.indexOf(':') + 1);
  const names = path.split('/').filter((name) => name !== '');
  return names
    .slice(-2)
    .map(decoded)
    .join('/')
    .replace(/\.git$/i, '')
    .toLowerCase();
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

function notApproved({ sha }: { readonly sha?: string | undefined }): BerthError {
  const code = sha === undefined ? 'The code' : `The commit ${sha}`;
  return new BerthError(
    'not_approved',
    `${code} comes from a fork, and no person with write access approved it.`,
    {
      hint: 'Review the commit. Then comment /ok-to-test on the pull request, and name the commit if you start it.',
    },
  );
}
