import { omitUndefined } from '../../lib/omit-undefined.ts';
import { holder, runId } from '../model/ids.ts';
import type { Trigger } from '../model/run.ts';
import { addressOf, type GithubProject } from '../projects/github-project.ts';
import { startRun } from '../runs/start-run.ts';
import { readRepositorySettings } from '../settings/read-repository-settings.ts';
import type { TestDeps } from './test-branch.ts';
import { wantedRuns } from './wanted-runs.ts';

/** Tests a pushed tag, if the settings enable it (`tags: true`). A tag is not a branch: it does not move. */
export async function testTag(
  deps: TestDeps,
  { project, tag, sha, trigger }: { project: GithubProject; tag: string; sha: string; trigger: Trigger },
): Promise<void> {
  const reading = await readRepositorySettings(deps, addressOf(project), sha);
  if (reading.kind !== 'settings' || !reading.settings.tags) return;
  const origin = {
    cloneUrl: `${deps.githubUrl}/${project.name}.git`,
    branch: tag,
    ref: `refs/tags/${tag}`,
    untrusted: false,
    holder: holder.branch(tag),
    isKept: false,
  };
  const change = { targetBranch: tag, isDraft: false, changedFiles: async () => undefined };
  const { installationId, repositoryId, owner, name: repo } = project.github;
  const github = { repositoryId, installationId, owner, repo, headSha: sha };
  const { suites } = await wantedRuns({ origin, changes: [change] }, reading);
  // A tag is not deployed: nothing would release its stack.
  const idOf = async (suite: string) => runId(await deps.ids.derived('tag', project.id, tag, sha, suite));
  for (const wanted of suites) {
    const id = await idOf(wanted.suite);
    const needs = await Promise.all(
      (wanted.needs ?? []).map(async (suite) => ({ suite, runId: await idOf(suite) })),
    );
    const request = {
      project,
      id,
      spec: wanted.specFor(id, [], needs),
      trigger,
      sha,
      github,
      ended: wanted.ended,
    };
    await startRun(deps, omitUndefined(request));
  }
}
