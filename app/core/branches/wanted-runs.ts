import { omitUndefined } from '../../lib/omit-undefined.ts';
import type { RunId } from '../model/ids.ts';
import { type Outcome, outcomeWithoutResult } from '../model/outcome.ts';
import type { NeededRun, RunSpec } from '../model/run.ts';
import { runDefaults } from '../model/run-defaults.ts';
import type { RepositorySettings } from '../settings/read-repository-settings.ts';
import type { Settings } from '../settings/settings.ts';
import { type Change, whySkipped } from '../settings/suite-match.ts';
import { type CommitOrigin, specOfDeploy, specOfSuite } from '../settings/suite-spec.ts';

/** The required run of a suite or a deployment for a commit. */
export interface WantedRun {
  readonly suite: string;
  readonly needs?: readonly string[];
  /**
   * @param deploys the runs of the commit's deployments.
   * @param needs the runs of the suites that it needs.
   */
  readonly specFor: (id: RunId, deploys: readonly NeededRun[], needs: readonly NeededRun[]) => RunSpec;
  readonly ended?: { readonly state: 'skipped' | 'errored'; readonly outcome: Outcome };
}

export interface PossibleChange extends Omit<Change, 'changedFiles'> {
  /** Called only if a suite depends on the changed files. */
  readonly changedFiles: () => Promise<readonly string[] | undefined>;
}

export interface CommitToTest {
  readonly origin: CommitOrigin;
  /** One for each branch that the commit is pushed to or may be merged into: a suite runs if it applies to one of them. */
  readonly changes: readonly PossibleChange[];
  /** Why no suite may run. */
  readonly refusal?: Outcome;
}

/** The required runs for a commit, which has one run of each. */
export interface WantedRuns {
  /** In the order in which they run on the stack. */
  readonly deploys: readonly WantedRun[];
  readonly suites: readonly WantedRun[];
}

export async function wantedRuns(commit: CommitToTest, reading: RepositorySettings): Promise<WantedRuns> {
  const { origin } = commit;
  if (reading.kind === 'mistakes')
    return { deploys: [], suites: [settingsRun(origin, mistakesOutcome(reading), 'errored')] };
  const deploys = wantedDeploys(origin, reading.settings);
  if (reading.kind === 'nothing') {
    const reason =
      'Berth could not detect how to test this repository. Add a suite to .github/berth.yml; docs/settings.md shows how.';
    return { deploys, suites: [settingsRun(origin, outcomeWithoutResult(reason), 'skipped')] };
  }
  return { deploys, suites: await wantedSuites(commit, reading) };
}

const noForks = 'The commit comes from a fork. Berth deploys only commits of this repository.';

function wantedDeploys(origin: CommitOrigin, { deploys, stack: pool }: Settings): WantedRun[] {
  // The code of a fork never reaches a stack, approved or not.
  const ended = origin.untrusted
    ? ({ state: 'skipped', outcome: outcomeWithoutResult(noForks) } as const)
    : undefined;
  return deploys.map((deploy, index) =>
    omitUndefined({
      suite: deploy.name,
      specFor: (id: RunId, all: readonly NeededRun[]) =>
        specOfDeploy(deploy, origin, { id, pool, deploys: all.slice(0, index) }),
      ended,
    }),
  );
}

async function wantedSuites(
  commit: CommitToTest,
  { settings, note }: Extract<RepositorySettings, { kind: 'settings' }>,
): Promise<WantedRun[]> {
  const { origin, refusal } = commit;
  const goesByFiles = settings.suites.some(
    (suite) => suite.paths !== undefined || suite['paths-ignore'] !== undefined,
  );
  const changes: Change[] = [];
  for (const { changedFiles, ...change } of commit.changes) {
    const files = goesByFiles && refusal === undefined ? await changedFiles() : undefined;
    changes.push({ ...change, changedFiles: files });
  }
  const needed = new Set(settings.suites.flatMap(({ needs = [] }) => needs));
  return settings.suites.map((suite) => {
    const reason = whySkippedForAll(suite, changes);
    const outcome = refusal ?? (reason === undefined ? undefined : outcomeWithoutResult(reason));
    return omitUndefined({
      suite: suite.name,
      needs: suite.needs,
      specFor: (id: RunId, deploys: readonly NeededRun[], needs: readonly NeededRun[]) =>
        specOfSuite(suite, origin, {
          id,
          deploys,
          needs,
          isNeeded: needed.has(suite.name),
          pool: settings.stack,
          forkSecrets: settings.forkSecrets,
          ...omitUndefined({ note }),
        }),
      ended: outcome === undefined ? undefined : ({ state: 'skipped', outcome } as const),
    });
  });
}

function whySkippedForAll(suite: Settings['suites'][number], changes: readonly Change[]): string | undefined {
  const reasons = changes.map((change) => whySkipped(suite, change));
  return reasons.includes(undefined) ? undefined : reasons[0];
}

/** The run that shows the settings themselves, if they name no suite or have mistakes. */
function settingsRun(origin: CommitOrigin, outcome: Outcome, state: 'skipped' | 'errored'): WantedRun {
  const suite = { name: 'settings', command: 'true', stack: false, timeout: runDefaults.timeoutSeconds };
  return {
    suite: suite.name,
    specFor: (id) => specOfSuite(suite, origin, { id, pool: undefined, forkSecrets: false }),
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
