import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { logPath } from '../../../../app/adapters/files/file-logs.ts';
import { runFiles } from '../../../../app/adapters/files/run-files.ts';
import { holder, type RunId, runId } from '../../../../app/core/model/ids.ts';
import type { Project } from '../../../../app/core/model/project.ts';
import type { RunSpec } from '../../../../app/core/model/run.ts';
import { reportKey, runObjectKey } from '../../../../app/core/model/run-keys.ts';
import { createMaintenance } from '../../../../app/core/runs/maintenance.ts';
import { daysAfterTable, runObjects } from '../../../../app/core/runs/prune-runs.ts';
import { startRun } from '../../../../app/core/runs/start-run.ts';
import { releaseHolder } from '../../../../app/core/stacks/release-stack.ts';
import { omitUndefined } from '../../../../app/lib/omit-undefined.ts';
import { specOf, type World, world, writeResult } from '../../../helpers/memory-deps.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../../../helpers/temporary-directory.ts';

const days = 24 * 3600;
const [old, active, young] = ['old', 'active', 'young'].map(runId) as [RunId, RunId, RunId];

describe('retention', () => {
  let directory: TemporaryDirectory;
  let w: World;
  let project: Project;

  beforeEach(async () => {
    directory = await temporaryDirectory();
    w = world();
    project = await w.project();
    await run(old, true);
    await run(active, false);
    w.clock.advance(40 * days);
    await run(young, true);
  });
  afterEach(() => directory.remove());

  async function run(id: RunId, ends: boolean, spec: Partial<RunSpec> = {}): Promise<void> {
    const stack = { holder: holder.run(id), hold: 'run' as const, shares: false };
    await startRun(w.deps, { project, id, spec: specOf({ stack, ...spec }), trigger: { kind: 'api' } });
    await w.settle();
    const objects = [runObjectKey(id, 'artifacts.tar.gz'), reportKey(id)];
    for (const path of [
      ...objects.map((key) => join(directory.path, 'objects', key)),
      logPath(directory.path, id),
    ]) {
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, id);
    }
    if (!ends) return;
    writeResult(w, id);
    w.tasks.set(w.tasks.arnOf(id), { lastStatus: 'STOPPED', exitCode: 0 });
    await w.deps.enqueue(id);
    await w.settle();
  }

  it('deletes ended runs that are older than it says, with everything that is stored for them', async () => {
    const maintenance = createMaintenance(w.deps, { runFiles: runFiles(directory.path), days: 30 });
    await maintenance();
    const listed = await w.deps.store.runs.list(project.id, {}, { limit: 10 });
    expect(listed.items.map(({ id }) => id).sort()).toEqual([active, young]);
    expect(await w.deps.store.holders.get(project.id, holder.run(old))).toBeUndefined();
    const left = (await readdir(directory.path, { recursive: true })).filter((name) => name.includes('old'));
    expect(left).toEqual([]);
    const kept = (await readdir(directory.path, { recursive: true })).filter((name) =>
      name.includes('young'),
    );
    expect(kept.length).toBeGreaterThan(2);
  });

  it('keeps a run whose teardown a stack needs, until the stack is torn down', async () => {
    const maintenance = createMaintenance(w.deps, { runFiles: runFiles(directory.path), days: 30 });
    const ofBranch = holder.branch('long');
    const stack = { holder: ofBranch, hold: 'pull_request' as const, shares: true };
    await run(runId('long'), true, { branch: 'long', stack, teardown: './destroy.sh' });
    w.clock.advance(40 * days);
    await maintenance();
    await releaseHolder(w.deps, project, ofBranch);
    const teardown = (await w.deps.store.runs.listActive(project.id)).find(({ spec }) => spec.teardownOf);
    expect(teardown?.spec.command).toBe('./destroy.sh');

    await w.settle();
    writeResult(w, teardown?.id ?? active);
    w.tasks.set(w.tasks.arnOf(teardown?.id ?? active), { lastStatus: 'STOPPED', exitCode: 0 });
    await w.deps.enqueue(teardown?.id ?? active);
    await w.settle();
    w.clock.advance(days);
    await maintenance();
    expect(await w.deps.store.runs.get(runId('long'))).toBeUndefined();
  });

  it('deletes the objects of a run that is one too many, and no other', async () => {
    const keys = [old, young].map((id) => [reportKey(id), runObjectKey(id, 'artifacts.tar.gz')]);
    for (const key of keys.flat()) await w.deps.objects.put(key, 'stored', 'text/plain');
    await createMaintenance(w.deps, { runFiles: runObjects(w.deps.objects), runs: 1 })();
    const left = [...w.objects.keys()].filter((key) => [old, young].some((id) => key.includes(`/${id}/`)));
    expect(left).toEqual(expect.arrayContaining(keys[1] ?? []));
    expect(left.filter((key) => key.includes(`/${old}/`))).toEqual([]);
  });

  it('deletes what a table with its own retention has kept because of a teardown, a week later', async () => {
    const days = daysAfterTable(39);
    await createMaintenance(w.deps, omitUndefined({ runFiles: runObjects(w.deps.objects), days }))();
    expect(await w.deps.store.runs.get(old)).toBeDefined();
    w.clock.advance(7 * 24 * 3600);
    await createMaintenance(w.deps, omitUndefined({ runFiles: runObjects(w.deps.objects), days }))();
    expect(await w.deps.store.runs.get(old)).toBeUndefined();
    expect(daysAfterTable(undefined)).toBeUndefined();
  });

  it.each([
    [{ runs: 1 }, [active, young]],
    [{ runs: 3 }, [active, old, young]],
    [{ runs: 1, days: 365 }, [active, young]],
    [{ runs: 3, days: 30 }, [active, young]],
  ])('keeps the newest runs of each project, and those that have not ended: %j', async (limits, kept) => {
    await createMaintenance(w.deps, { runFiles: runFiles(directory.path), ...limits })();
    const listed = await w.deps.store.runs.list(project.id, {}, { limit: 10 });
    expect(listed.items.map(({ id }) => id).sort()).toEqual(kept);
  });

  it('keeps everything where none is set', async () => {
    await createMaintenance(w.deps)();
    expect((await w.deps.store.runs.list(project.id, {}, { limit: 10 })).items).toHaveLength(3);
  });
});
