import type { Trigger } from '../model/run.ts';
import { addressOf, type GithubProject } from '../projects/github-project.ts';
import { readRepositorySettings } from '../settings/read-repository-settings.ts';
import type { GithubDeps } from './github-deps.ts';
import { testCommit } from './test-commit.ts';

/** Tests a tag that was pushed, where the settings ask for it (`tags: true`). */
export async function testTag(
  deps: GithubDeps,
  { project, tag, sha, trigger }: { project: GithubProject; tag: string; sha: string; trigger: Trigger },
): Promise<void> {
  const reading = await readRepositorySettings(deps, addressOf(project), sha);
  if (reading.kind !== 'settings' || !reading.settings.tags) return;
  await testCommit(deps, {
    project,
    sha,
    origin: { branch: tag, ref: `refs/tags/${tag}`, untrusted: false },
    settingsRef: sha,
    change: { targetBranch: tag, isDraft: false },
    changedFiles: async () => undefined,
    trigger,
  });
}
