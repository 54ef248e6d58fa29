import { catchUp } from '../../app/core/branches/catch-up.ts';
import { sweepBranches } from '../../app/core/branches/sweep-branches.ts';
import { isActive } from '../../app/core/model/run.ts';
import { sweep } from '../../app/core/runs/sweep.ts';
import { type GithubWorld, githubWorld } from './github-world.ts';
import { type FakeClock, fakeClock } from './memory-deps.ts';

/** A world whose App is installed, and whose time tests move. */
export interface InstalledGithub {
  readonly w: GithubWorld;
  readonly clock: FakeClock;
}

export async function installedGithub(files: Readonly<Record<string, string>>): Promise<InstalledGithub> {
  const clock = fakeClock(new Date().toISOString());
  const w = await githubWorld({ files, clock });
  await w.github.people.install();
  await w.settle();
  // The first comparison remembers the branches that were there before.
  await catchUp(w.deps);
  return { w, clock };
}

/** Time passes: what is due is looked at, and tasks that had to stop have stopped. */
export async function passTime({ w, clock }: InstalledGithub, seconds: number): Promise<void> {
  await w.settle();
  clock.advance(seconds);
  for (let round = 0; round < 3; round += 1) {
    await sweep(w.deps);
    await sweepBranches(w.deps);
    await w.queue.sweep();
    await w.settle();
    for (const run of (await w.runs()).filter(isActive))
      if (run.stop !== undefined) await w.finish(run, { outcome: 'cancelled', exitCode: null });
    clock.advance(1);
  }
}
