import { later } from '../deps.ts';
import { BerthError, TryLater } from '../model/errors.ts';
import { type RunId, runId } from '../model/ids.ts';
import type { GithubTarget, Outcome, Run, RunSpec, Trigger } from '../model/run.ts';
import { outcomeWithoutResult } from '../model/run.ts';
import { runDefaults } from '../model/run-defaults.ts';
import { addressOf, type GithubProject } from '../projects/github-project.ts';
import { startRun } from '../runs/start-run.ts';
import { type RepositorySettings, readRepositorySettings } from '../settings/read-repository-settings.ts';
import type { Settings } from '../settings/settings.ts';
import { type Change, whySkipped } from '../settings/suite-match.ts';
import { type CommitOrigin, specOfSuite } from '../settings/suite-spec.ts';
import type { GithubDeps } from './github-deps.ts';
import { keepBaseBranch } from './keep-base-branch.ts';

/** A commit that is to be tested. */
export interface CommitToTest {
  readonly project: GithubProject;
  readonly sha: string;
  readonly origin: Omit<CommitOrigin, 'cloneUrl'>;
  /** The branch that it is to be merged into; absent for what was only pushed. */
  readonly baseBranch?: string;
  /** Whose settings decide: the commit itself, or the base branch of a fork's pull request. */
  readonly settingsRef: string;
  readonly change: Omit<Change, 'changedFiles'>;
  /** Asked for only where a suite goes by the files that changed. */
  readonly changedFiles: () => Promise<readonly string[] | undefined>;
  readonly trigger: Trigger;
  /** No suite is to run: the reason. */
  readonly refusal?: string;
}

export interface TestedCommit {
  /** The run of each suite for this commit, whether it was made now or before. */
  readonly runs: readonly Run[];
  readonly settings: Settings | undefined;
  /** True where any run was made now. */
  readonly anyNew: boolean;
}

/** A pull request opened again and again, drafted and undrafted, still comes to an end. */
const maxGenerations = 20;

/**
 * Sees to it that a commit has one run for each suite. Calling it again changes nothing: a run's id is made of the
 * project, the suite and the commit. Only what was not run, and now is to be, gets another.
 */
export async function testCommit(deps: GithubDeps, commit: CommitToTest): Promise<TestedCommit> {
  const reading = await readRepositorySettings(deps, addressOf(commit.project), commit.settingsRef);
  const wanted = await wantedRuns(commit, reading, `${deps.githubUrl}/${commit.project.name}.git`);
  const started: { run: Run; created: boolean }[] = [];
  for (const one of wanted) started.push(await ensureRun(deps, commit, one));
  return {
    runs: started.map(({ run }) => run),
    settings: reading.kind === 'mistakes' ? undefined : reading.settings,
    anyNew: started.some(({ created }) => created),
  };
}

interface WantedRun {
  readonly suite: string;
  readonly specFor: (id: RunId) => RunSpec;
  readonly ended?: { readonly state: 'skipped' | 'errored'; readonly outcome: Outcome };
}

async function wantedRuns(
  commit: CommitToTest,
  reading: RepositorySettings,
  cloneUrl: string,
): Promise<WantedRun[]> {
  const origin: CommitOrigin = { ...commit.origin, cloneUrl };
  if (reading.kind === 'mistakes') return [settingsRun(origin, mistakesOutcome(reading), 'errored')];
  if (reading.kind === 'nothing') {
    const reason =
      'Berth does not know how this repository is tested. Name a suite in .github/berth.yml; docs/settings.md shows how.';
    return [settingsRun(origin, outcomeWithoutResult(reason), 'skipped')];
  }
  const { settings, note } = reading;
  const goesByFiles = settings.suites.some(
    (suite) => suite.paths !== undefined || suite['paths-ignore'] !== undefined,
  );
  const changedFiles = goesByFiles && commit.refusal === undefined ? await commit.changedFiles() : undefined;
  return settings.suites.map((suite) => {
    const reason = commit.refusal ?? whySkipped(suite, { ...commit.change, changedFiles });
    return {
      suite: suite.name,
      specFor: (id) =>
        specOfSuite(suite, origin, {
          id,
          pool: settings.stack,
          forkSecrets: settings.forkSecrets,
          ...(note === undefined ? {} : { note }),
        }),
      ...(reason === undefined
        ? {}
        : { ended: { state: 'skipped' as const, outcome: outcomeWithoutResult(reason) } }),
    };
  });
}

/** The run that stands for the settings themselves, where no suite can be told from them. */
function settingsRun(origin: CommitOrigin, outcome: Outcome, state: 'skipped' | 'errored'): WantedRun {
  const suite = { name: 'settings', command: 'true', stack: false };
  const options = { pool: undefined, forkSecrets: false };
  return {
    suite: suite.name,
    specFor: (id) =>
      specOfSuite({ ...suite, timeout: runDefaults.timeoutSeconds }, origin, { id, ...options }),
    ended: { state, outcome },
  };
}

function mistakesOutcome({ mistakes, file }: Extract<RepositorySettings, { kind: 'mistakes' }>): Outcome {
  return {
    ...outcomeWithoutResult('The settings have mistakes.', 'settings_invalid'),
    failures: mistakes
      .slice(0, 100)
      .map(({ line, path, message }) => ({ name: path, group: '', file, line, message })),
  };
}

/** The run of a suite for a commit: the one there is, unless it was skipped and is wanted now. */
async function ensureRun(
  deps: GithubDeps,
  commit: CommitToTest,
  wanted: WantedRun,
): Promise<{ run: Run; created: boolean }> {
  const { project, sha } = commit;
  let latest: Run | undefined;
  for (let generation = 1; generation <= maxGenerations; generation += 1) {
    const id = runId(await deps.ids.derived('commit', project.id, wanted.suite, sha, String(generation)));
    const known = await deps.store.runs.get(id);
    if (known !== undefined) {
      latest = known;
      if (known.state !== 'skipped') break;
      continue;
    }
    if (latest !== undefined && wanted.ended !== undefined) break;
    return await start(deps, commit, wanted, id);
  }
  if (latest === undefined) throw new Error(`no run of ${wanted.suite} for ${sha}`);
  return { run: await keepBaseBranch(deps, latest, commit.baseBranch), created: false };
}

async function start(deps: GithubDeps, commit: CommitToTest, wanted: WantedRun, id: RunId) {
  const { project, sha, origin, baseBranch, trigger } = commit;
  const { installationId, repositoryId, owner, name } = project.github;
  const github: GithubTarget = {
    repositoryId,
    installationId,
    owner,
    repo: name,
    headSha: sha,
    ...(origin.pullRequest === undefined ? {} : { pullRequest: origin.pullRequest }),
    ...(baseBranch === undefined ? {} : { baseBranch }),
  };
  try {
    return await startRun(deps, {
      project,
      id,
      spec: wanted.specFor(id),
      trigger,
      sha,
      github,
      ...(wanted.ended === undefined ? {} : { ended: wanted.ended }),
    });
  } catch (error) {
    if (!(error instanceof BerthError) || error.code !== 'too_many_runs') throw error;
    // The event is kept and comes again when some have ended: no commit goes untested because many were pushed.
    throw new TryLater(later(deps.clock.now(), 15), error.message, { cause: error });
  }
}
