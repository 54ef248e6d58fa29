import { describe, expect, it } from '@jest/globals';
import { runId } from '../../../../app/core/model/ids.ts';
import type { RunSpec } from '../../../../app/core/model/run.ts';
import {
  cacheObjectKey,
  cacheScopes,
  savesCaches,
  usedCaches,
} from '../../../../app/core/runs/cache-objects.ts';
import { reconcileRun } from '../../../../app/core/runs/reconcile-run.ts';
import { startRun } from '../../../../app/core/runs/start-run.ts';
import { readSettings } from '../../../../app/core/settings/settings.ts';
import { jobOf, specOf, world } from '../../../helpers/memory-deps.ts';

const cache = { name: 'npm', key: ['package-lock.json'], paths: ['~/.npm'] };

describe('the caches of a run', () => {
  it('are read and written on its branch, and read on the default branch', async () => {
    const { job, run } = await started({ branch: 'topic', caches: [cache] });
    expect(job.caches?.[0]?.restore.map(({ branch }) => branch)).toEqual(
      // Started by a request: its own caches, and those of GitHub's branch.
      ['topic', 'topic', 'main', 'main', 'master', 'master'],
    );
    expect(job.uploads.caches).toHaveLength(1);
    expect(job.uploads.caches?.[0]?.url).toContain(
      cacheObjectKey(run, cache, { branch: 'topic', origin: 'api' }),
    );
  });

  it('are only read by a fork, and never those of its own branch, whatever its name', async () => {
    const { job, run } = await started({
      branch: 'topic',
      caches: [cache],
      untrusted: true,
    });
    expect(job.uploads.caches).toEqual([]);
    expect(new Set(job.caches?.[0]?.restore.map(({ branch }) => branch))).toEqual(
      new Set(['main', 'master']),
    );
    const target = {
      repositoryId: 1,
      headRepositoryId: 2,
      installationId: 1,
      owner: 'o',
      repo: 'r',
      headSha: 'a',
    };
    const foreign = {
      ...run,
      spec: { ...run.spec, untrusted: false },
      github: { ...target, baseBranch: 'dev' },
    };
    expect(cacheScopes(foreign, {})).toEqual(
      ['dev', 'main', 'master'].map((branch) => ({ branch, origin: 'github' })),
    );
  });

  it('are never written for a branch of GitHub by a run that a request started', async () => {
    const { job, run } = await started({ branch: 'main', caches: [cache] });
    const ofGithub = cacheObjectKey(run, cache, { branch: 'main', origin: 'github' });
    expect(job.uploads.caches?.[0]?.url).not.toContain(ofGithub);
    expect(job.caches?.[0]?.restore.map(({ url }) => url).join(' ')).toContain(ofGithub);
  });

  it('are never written by a tag, which may have the name of a branch', async () => {
    const { run } = await started({ branch: 'main', caches: [cache] });
    const github = { repositoryId: 1, installationId: 1, owner: 'o', repo: 'r', headSha: 'a' };
    const tag = { kind: 'git', url: 'https://github.com/o/r.git', ref: 'refs/tags/main' } as const;
    expect(savesCaches({ ...run, github })).toBe(true);
    expect(savesCaches({ ...run, github, spec: { ...run.spec, source: tag } })).toBe(false);
  });

  it('are only those of the checkout where tasks have the home directory of a person', async () => {
    const mixed = { name: 'cargo', key: ['Cargo.lock'], paths: ['~/.cargo/registry', 'target'] };
    const { run } = await started({ caches: [cache, mixed] });
    expect(usedCaches(run, { keepsHome: true }).map(({ paths }) => paths)).toEqual([[], ['target']]);
    expect(usedCaches(run, {})).toEqual([cache, mixed]);
  });

  it('differ by branch, origin, repository, image, key and paths', async () => {
    const { run } = await started({ caches: [cache] });
    const main = { branch: 'main', origin: 'github' } as const;
    const withSpec = (change: Partial<RunSpec>) => ({ ...run, spec: { ...run.spec, ...change } });
    const keys = [
      cacheObjectKey(run, cache, main),
      cacheObjectKey(run, cache, { ...main, branch: 'topic' }),
      cacheObjectKey(run, cache, { ...main, origin: 'api' }),
      cacheObjectKey(withSpec({ image: 'other' }), cache, main),
      cacheObjectKey(withSpec({ source: { kind: 'git', url: 'https://example.com/x' } }), cache, main),
      cacheObjectKey(run, { ...cache, key: ['yarn.lock'] }, main),
      cacheObjectKey(run, { ...cache, paths: ['x'] }, main),
    ];
    expect(new Set(keys).size).toBe(keys.length);
  });
});

describe('the setting cache', () => {
  const cachesIn = (text: string) => {
    const reading = readSettings(`suites: { a: { command: x, cache: ${text} } }`);
    return reading.ok ? reading.file.suites?.a?.cache : reading.mistakes.map(({ message }) => message).join();
  };

  it('is a preset, a cache, or several', () => {
    expect(cachesIn('npm')).toMatchObject([{ name: 'npm', paths: ['~/.npm'] }]);
    expect(cachesIn('[go, { key: a.lock, paths: ./out/ }]')).toMatchObject([
      { name: 'go' },
      { name: 'out', key: ['a.lock'], paths: ['out'] },
    ]);
  });

  it.each([
    'nmp',
    '[npm, npm]',
    '{ key: a }',
    '{ key: a, paths: ../x }',
    '{ key: a, paths: "~" }',
    '{ key: a, paths: / }',
    '{ key: a, paths: /proc/x }',
    '{ key: a, paths: .git }',
    '{ key: a, paths: "*" }',
  ])('refuses %s', (text) => expect(cachesIn(text)).toEqual(expect.any(String)));
});

async function started(change: Partial<RunSpec>) {
  const w = world();
  const project = await w.project();
  const id = runId('cached');
  await startRun(w.deps, { project, id, spec: specOf(change), trigger: { kind: 'api' } });
  await reconcileRun(w.deps, id);
  const run = await w.deps.store.runs.get(id);
  if (run === undefined) throw new Error('no run');
  return { job: jobOf(w, id), run };
}
