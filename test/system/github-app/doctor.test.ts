import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Finding } from '../../../app/core/model/app-check.ts';
import { appEvents } from '../../../app/core/model/app-manifest.ts';
import { type Config, parseConfig } from '../../../app/wiring/config/config.ts';
import { runDoctor } from '../../../app/wiring/doctor/doctor.ts';
import { serve } from '../../../app/wiring/server.ts';
import { freePort } from '../../helpers/free-port.ts';
import {
  type GithubStandIn,
  startGithubStandIn,
} from '../../helpers/github-stand-in/start-github-stand-in.ts';
import { environmentFor } from '../../helpers/served-github.ts';
import { removeDirectory } from '../../helpers/temporary-directory.ts';

const ill = (findings: readonly Finding[]): string[] =>
  findings.filter(({ isWell }) => !isWell).map(({ subject, seen }) => `${subject}: ${seen}`);

describe('berth doctor', () => {
  let github: GithubStandIn;
  let directory: string;
  let config: Config;

  beforeEach(async () => {
    github = await startGithubStandIn();
    directory = await mkdtemp(join(tmpdir(), 'berth-doctor-'));
    const port = await freePort();
    config = parseConfig({ ...environmentFor(github, directory), PORT: String(port) });
    github.state.webhookUrl = `http://127.0.0.1:${port}/api/github/webhooks`;
    github.state.events.push(...Object.keys(appEvents));
  });
  afterEach(async () => {
    await github.close();
    await removeDirectory(directory);
  });

  it('finds nothing where all is well', async () => {
    const berth = await serve(config);
    const findings = await runDoctor(config);
    await berth.close();
    expect(ill(findings)).toEqual([]);
    expect(findings.map(({ subject }) => subject)).toEqual([
      'configuration',
      'server',
      'executor',
      'isolation',
      'credentials',
      'permissions',
      'events',
      'webhook',
      'installations',
      'deliveries',
      'sign-in',
    ]);
  });

  it('tries the client secret by which people sign in', async () => {
    const told = async (change: Record<string, string>) => {
      const environment = { ...environmentFor(github, directory), PORT: String(config.port), ...change };
      return (await runDoctor(parseConfig(environment))).find(({ subject }) => subject === 'sign-in');
    };
    expect(await told({})).toMatchObject({
      isWell: true,
      seen: expect.stringContaining(`http://127.0.0.1:${config.port}/session/github/callback`),
    });
    expect(await told({ GITHUB_CLIENT_SECRET: 'x'.repeat(40) })).toMatchObject({
      isWell: false,
      seen: 'GitHub refuses the client ID or the client secret',
    });
    expect(await told({ GITHUB_CLIENT_ID: '', GITHUB_CLIENT_SECRET: '' })).toMatchObject({
      isWell: true,
      seen: expect.stringContaining('only with API keys'),
    });
    github.faults.push({ path: /^\/api\/v3\/applications\//, response: { status: 502 } });
    expect(await told({})).toMatchObject({ isWell: false, seen: expect.stringContaining('does not answer') });
  });

  it('says what is missing, and what to do about each', async () => {
    github.state.permissions.checks = 'read';
    github.state.events.splice(0, 1);
    await github.webhooks.send('push', {});
    github.state.webhookUrl = 'https://old.example/hook';
    const findings = await runDoctor(config);
    expect(ill(findings)).toEqual([
      `server: no server answers at http://127.0.0.1:${config.port}`,
      'permissions: missing: checks (write)',
      'events: not subscribed: check_run',
      `webhook: GitHub sends events to https://old.example/hook, and this server receives them at http://127.0.0.1:${config.port}/api/github/webhooks`,
      'deliveries: 1 have failed in the last three days',
    ]);
    expect(findings.every(({ isWell, advice }) => isWell || (advice ?? '') !== '')).toBe(true);
  });

  it('does not call the credentials wrong while GitHub has an outage', async () => {
    github.faults.push({ path: /^\/api\/v3\/app$/, response: { status: 503 } });
    expect(ill(await runDoctor(config))[1]).toBe(
      `credentials: GitHub does not answer at ${config.github?.apiUrl}`,
    );
  });

  it('says that the credentials are not the App’s', async () => {
    const { privateKey } = generateKeyPairSync('rsa', {
      modulusLength: 2048,
      privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
      publicKeyEncoding: { type: 'spki', format: 'pem' },
    });
    const mistaken = parseConfig({
      ...environmentFor(github, directory),
      PORT: String(config.port),
      PRIVATE_KEY: privateKey,
    });
    expect(ill(await runDoctor(mistaken))[1]).toContain('credentials: GitHub refuses them');
  });

  it('says which executor would run the tests, and what it lacks', async () => {
    const about = async (change: Partial<Config>) =>
      (await runDoctor({ ...config, ...change })).find(({ subject }) => subject === 'executor');
    expect(await about({ executor: 'process' })).toMatchObject({
      isWell: true,
      seen: expect.stringMatching(/^process: .*git version/),
    });
    expect(await about({ executor: 'process', path: directory })).toMatchObject({
      isWell: false,
      seen: 'git is not in PATH, and runs begin with a clone.',
      advice: expect.stringContaining('Install git'),
    });
    const dockerHost = `unix://${join(directory, 'docker.sock')}`;
    expect(await about({ executor: 'docker', dockerHost })).toMatchObject({
      isWell: false,
      seen: `no Docker engine answers at ${dockerHost}`,
      advice: expect.stringContaining('Start Docker'),
    });
    expect(await about({ executor: 'auto', dockerHost })).toMatchObject({
      isWell: false,
      seen: expect.stringMatching(/a GitHub App is configured.*no Docker engine answers/),
    });
    const { github: _, ...bare } = config;
    expect(
      (await runDoctor({ ...bare, executor: 'auto', dockerHost })).find(
        ({ subject }) => subject === 'executor',
      ),
    ).toMatchObject({ isWell: true, seen: expect.stringMatching(/^process: .*no Docker engine answers/) });
    expect(await runDoctor({ ...config, executor: 'process' })).toContainEqual(
      expect.objectContaining({ subject: 'isolation', advice: expect.stringContaining('docker') }),
    );
  });

  it('says how to set up an App if it is missing', async () => {
    const { github: _, ...bare } = config;
    expect(ill(await runDoctor(bare))).not.toContain('github');
    expect(await runDoctor(bare)).toContainEqual(
      expect.objectContaining({ subject: 'github', seen: 'no GitHub App is set up (optional)' }),
    );
  });

  it('passes where Berth is only installed: `berth run` needs no server', async () => {
    const { github: _, ...bare } = {
      ...config,
      executor: 'process' as const,
      dataDir: join(directory, 'none'),
    };
    expect(ill(await runDoctor(bare))).toEqual([]);
  });
});
