import { beforeEach, describe, expect, it } from '@jest/globals';
import { signedRenewals } from '../../../app/adapters/files/signed-renewals.ts';
import { runId } from '../../../app/core/model/ids.ts';
import { jobRenewalSchema } from '../../../app/core/model/job.ts';
import { reconcileRun } from '../../../app/core/runs/reconcile-run.ts';
import { startRun } from '../../../app/core/runs/start-run.ts';
import { jobOf, specOf } from '../../helpers/memory-deps.ts';
import { type Client, clientOf, type HttpWorld, httpWorld } from './http-world.ts';

const id = runId('long');
const renewals = signedRenewals({
  baseUrl: 'http://berth.test',
  secret: async () => 'a secret of this server',
});

describe('new upload URLs for a task', () => {
  let w: HttpWorld;
  let runner: Client;
  let renewUrl: string;
  beforeEach(async () => {
    w = httpWorld({ renewals });
    // A runner has no key.
    runner = clientOf(w.app);
    const project = await w.project();
    await startRun(w.deps, { project, id, spec: specOf(), trigger: { kind: 'api' } });
    await reconcileRun(w.deps, id);
    renewUrl = jobOf(w, id).renewUrl ?? '';
  });

  it('are returned for the URL in its job, with the URL of the next renewal', async () => {
    const { status, body } = await runner.get(renewUrl);
    expect(status).toBe(200);
    const renewal = jobRenewalSchema.parse(body);
    expect(renewal.uploads).toEqual(jobOf(w, id).uploads);
    expect(renewal.renewUrl).toBe(renewUrl);
  });

  it.each([
    ['of another run', (url: string) => url.replace('/long/', '/other/')],
    ['of another launch', (url: string) => url.replace('launch=1', 'launch=2')],
    ['with another signature', (url: string) => url.replace(/signature=.{8}/, 'signature=AAAAAAAA')],
  ])('are rejected for a URL %s', async (_what, changed) => {
    expect((await runner.get(changed(renewUrl))).status).toBe(403);
  });

  it('are rejected without a signature', async () => {
    expect((await runner.get('/workflow/long/uploads?launch=1')).status).toBe(400);
  });

  it('are rejected after the run has ended', async () => {
    w.tasks.set(w.tasks.arnOf('long'), { lastStatus: 'STOPPED', exitCode: 1 });
    w.clock.advance(2);
    await reconcileRun(w.deps, id);
    expect(await runner.get(renewUrl)).toMatchObject({ status: 409, body: { code: 'run_ended' } });
  });

  it('are rejected for a replaced task', async () => {
    const failure = { code: 'interrupted', message: 'Spot took it.', retryable: true } as const;
    w.tasks.set(w.tasks.arnOf('long'), { lastStatus: 'STOPPED', failure });
    w.clock.advance(2);
    await reconcileRun(w.deps, id);
    expect((await runner.get(renewUrl)).status).toBe(409);
    expect((await runner.get(jobOf(w, id).renewUrl ?? '')).status).toBe(200);
  });
});
