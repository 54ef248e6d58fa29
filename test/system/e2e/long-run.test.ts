import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { getRequestListener } from '@hono/node-server';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { fileObjects } from '../../../app/adapters/files/file-objects.ts';
import { verifyGrant } from '../../../app/adapters/files/signed-grant.ts';
import { signedRenewals } from '../../../app/adapters/files/signed-renewals.ts';
import { runId } from '../../../app/core/model/ids.ts';
import { runObjectKey } from '../../../app/core/model/run-keys.ts';
import { reconcileRun } from '../../../app/core/runs/reconcile-run.ts';
import { startRun } from '../../../app/core/runs/start-run.ts';
import { eventually } from '../../helpers/eventually.ts';
import { specOf } from '../../helpers/memory-deps.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../../helpers/temporary-directory.ts';
import { type HttpWorld, httpWorld } from '../../unit/http/http-world.ts';
import { makeRepository } from '../runner/harness/git-repository.ts';
import { runnerBundle } from '../runner/harness/run-runner.ts';

const id = runId('long');
const hourSeconds = 3600;

/** The server's clock is moved while a real runner waits; the runner's own stands where it is, as a paused one's does. */
describe('a run that outlives the URLs in its job', () => {
  let directory: TemporaryDirectory;
  let server: Server;
  let w: HttpWorld;
  const asked: string[] = [];
  beforeEach(async () => {
    asked.length = 0;
    directory = await temporaryDirectory();
    server = createServer((request, response) => {
      asked.push(`${request.method} ${new URL(request.url ?? '/', 'http://localhost').pathname}`);
      return getRequestListener((each) => w.app.fetch(each))(request, response);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const signingKey = Buffer.alloc(32, 7);
    // The objects look at the clock of the world that they are a part of.
    const clock = { now: () => w.clock.now() };
    const objects = fileObjects({ dataDir: directory.path, signingKey, baseUrl, clock });
    w = httpWorld({
      objects,
      renewals: signedRenewals({ baseUrl, secret: async () => signingKey }),
      objectServer: {
        verify: (request) => verifyGrant(signingKey, request, clock.now()),
        putStream: objects.putStream,
        onWritten: () => {},
      },
    });
  });
  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await directory.remove();
  });

  async function launched(command: string): Promise<void> {
    const repository = await makeRepository();
    const spec = specOf({ source: { kind: 'git', url: repository.url }, command });
    await startRun(w.deps, { project: await w.project(), id, spec, trigger: { kind: 'api' } });
    await reconcileRun(w.deps, id);
  }

  /** The runner in the task of that launch. */
  function startRunner(launch = 1) {
    return spawn(process.execPath, [runnerBundle], {
      env: {
        PATH: process.env.PATH ?? '',
        HOME: directory.path,
        BERTH_JOB_URL: w.tasks.launched[launch - 1]?.jobUrl ?? '',
        BERTH_WORK_DIR: join(directory.path, `work-${launch}`),
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
  }

  /** Starts a run whose command waits for a file, and a runner for it. */
  async function started(): Promise<{ runner: ChildProcess; go: () => Promise<void> }> {
    const go = join(directory.path, 'go');
    await launched(`echo waiting; until [ -e '${go}' ]; do sleep 0.05; done`);
    const runner = startRunner();
    let output = '';
    runner.stdout.on('data', (chunk: Buffer) => {
      output += chunk;
    });
    await eventually('the command to wait', async () => output.includes('waiting'));
    return { runner, go: () => writeFile(go, '') };
  }

  it('uploads its results all the same, by fresh ones that it asks for once', async () => {
    const { runner, go } = await started();
    w.clock.advance(13 * hourSeconds);
    await go();
    const [exitCode] = await once(runner, 'close');
    expect(exitCode).toBe(0);
    const result = await w.deps.objects.get(runObjectKey(id, 'result.json'));
    expect(await new Response(result?.body).json()).toMatchObject({ outcome: 'succeeded', warnings: [] });
    expect((await w.deps.objects.get(`test_reports/${id}/report.html`))?.sizeBytes).toBeGreaterThan(1000);
    expect(asked.filter((one) => one === 'GET /workflow/long/uploads')).toHaveLength(1);
  });

  it('is launched again with a fresh job URL where the first had ended before its task began', async () => {
    await launched('echo tested');
    w.clock.advance(13 * hourSeconds);
    for (const launch of [1, 2]) {
      const runner = startRunner(launch);
      runner.stdout.resume();
      const [exitCode] = await once(runner, 'close');
      w.tasks.set(w.tasks.arnOf(id, launch), { lastStatus: 'STOPPED', exitCode });
      await reconcileRun(w.deps, id);
    }
    expect(asked.filter((one) => one.endsWith('/job.json'))).toHaveLength(2);
    expect(await w.deps.store.runs.get(id)).toMatchObject({ state: 'succeeded', launches: 2 });
  });

  it('gets none once another has its place, and leaves no result that anyone could take for the other', async () => {
    const { runner, go } = await started();
    w.clock.advance(13 * hourSeconds);
    const failure = { code: 'interrupted', message: 'Spot took it.', retryable: true } as const;
    w.tasks.set(w.tasks.arnOf(id), { lastStatus: 'STOPPED', failure });
    await reconcileRun(w.deps, id);
    await go();
    const [exitCode] = await once(runner, 'close');
    expect(exitCode).not.toBe(0);
    expect(await w.deps.objects.get(runObjectKey(id, 'result.json'))).toBeUndefined();
  });
});
