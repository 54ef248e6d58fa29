import { omitUndefined } from '../../lib/omit-undefined.ts';
import type { RunId } from '../model/ids.ts';
import type { Outcome, RunSpec } from '../model/run.ts';
import { outcomeWithoutResult } from '../model/run.ts';
import { runDefaults } from '../model/run-defaults.ts';
import type { RepositorySettings } from '../settings/read-repository-settings.ts';
import { type Change, whySkipped } from '../settings/suite-match.ts';
import { type CommitOrigin, specOfSuite } from '../settings/suite-spec.ts';

/** A suite's run as it is wanted for a commit. */
export interface WantedRun {
  readonly suite: string;
  readonly specFor: (id: RunId) => RunSpec;
  readonly ended?: { readonly state: 'skipped' | 'errored'; readonly outcome: Outcome };
}

export interface CommitToTest {
  readonly origin: CommitOrigin;
  readonly change: Omit<Change, 'changedFiles'>;
  /** Called only if a suite depends on the changed files. */
  readonly changedFiles: () => Promise<readonly string[] | undefined>;
  /** Why no suite may run. */
  readonly refusal?: Outcome;
}

/** The runs that the settings of a commit ask for. */
export async function wantedRuns(commit: CommitToTest, reading: RepositorySettings): Promise<WantedRun[]> {
  const { origin, refusal } = commit;
  if (reading.kind === 'mistakes') return [settingsRun(origin, mistakesOutcome(reading), 'errored')];
  if (reading.kind === 'nothing') {
    const reason =
      'Berth does not know how to test this repository. Name a suite in .github/berth.yml; docs/settings.md shows how.';
    return [settingsRun(origin, outcomeWithoutResult(reason), 'skipped')];
  }
  const { settings, note } = reading;
  const goesByFiles = settings.suites.some(
    (suite) => suite.paths !== undefined || suite['paths-ignore'] !== undefined,
  );
  const changedFiles = goesByFiles && refusal === undefined ? await commit.changedFiles() : undefined;
  return settings.suites.map((suite) => {
    const reason = whySkipped(suite, { ...commit.change, changedFiles });
    const outcome = refusal ?? (reason === undefined ? undefined : outcomeWithoutResult(reason));
    return omitUndefined({
      suite: suite.name,
      specFor: (id: RunId) =>
        specOfSuite(suite, origin, {
          id,
          pool: settings.stack,
          forkSecrets: settings.forkSecrets,
          ...omitUndefined({ note }),
        }),
      ended: outcome === undefined ? undefined : ({ state: 'skipped', outcome } as const),
    });
  });
}

/** The run that represents the settings themselves, if they name no suite or have mistakes. */
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
