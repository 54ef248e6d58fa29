import { mkdtemp, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { parseConfig } from '../../../app/wiring/config/config.ts';
import { type RunningServer, serve } from '../../../app/wiring/server.ts';
import { eventually } from '../../helpers/eventually.ts';
import {
  type GithubStandIn,
  startGithubStandIn,
} from '../../helpers/github-stand-in/start-github-stand-in.ts';
import { removeDirectory } from '../../helpers/temporary-directory.ts';

describe('setting up the GitHub App on a server that has none', () => {
  let github: GithubStandIn;
  let berth: RunningServer;
  let dataDir: string;

  beforeAll(async () => {
    github = await startGithubStandIn();
    dataDir = await mkdtemp(join(tmpdir(), 'berth-setup-'));
    const environment = {
      PORT: '0',
      BERTH_DATA_DIR: dataDir,
      BERTH_EXECUTOR: 'process',
      BERTH_LOG_LEVEL: 'silent',
      GHE_HOST: github.host,
      GHE_PROTOCOL: 'http',
      GH_ORG: 'octo-org',
    };
    berth = await serve(parseConfig(environment));
  });
  afterAll(async () => {
    await berth.close();
    await github.close();
    await removeDirectory(dataDir);
  });
  const webhook = () =>
    fetch(`${berth.url}/api/github/webhooks`, {
      method: 'POST',
      headers: { 'x-github-delivery': 'a', 'x-github-event': 'ping' },
      body: '{}',
    });

  it('lets no one in without the token that was printed', async () => {
    for (const path of ['/setup', '/setup?token=guess', '/setup/created?code=a&state=guess']) {
      expect((await fetch(`${berth.url}${path}`)).status).toBe(403);
    }
    expect((await webhook()).status).toBe(404);
  });

  it('shows one button that asks GitHub for exactly what is used', async () => {
    const response = await fetch(berth.setupUrl ?? '');
    const page = await response.text();
    const [, action] = /action="([^"]+)"/.exec(page) ?? [];
    const [, manifest = ''] = /name="manifest" value="([^"]+)"/.exec(page) ?? [];
    expect(action).toMatch(
      new RegExp(`^http://${github.host}/organizations/octo-org/settings/apps/new\\?state=[0-9a-f]{32}$`),
    );
    expect(JSON.parse(manifest.replaceAll('&quot;', '"'))).toMatchObject({
      hook_attributes: { url: `${berth.url}/api/github/webhooks` },
      redirect_url: `${berth.url}/setup/created`,
      callback_urls: [`${berth.url}/session/github/callback`],
      public: false,
      default_permissions: { checks: 'write', contents: 'read' },
    });
    expect(page).toContain('GitHub cannot reach');
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
  });

  it('offers the same code again after an outage of GitHub, and prints it nowhere', async () => {
    const print = jest.spyOn(console, 'error').mockImplementation(() => {});
    const query = `?code=code-of-outage&state=${new URL(berth.setupUrl ?? '').searchParams.get('token')}`;
    const path = /\/app-manifests\/code-of-outage\/conversions$/;
    github.faults.push({ path, response: { status: 502 } });
    const response = await fetch(`${berth.url}/setup/created${query}`, { redirect: 'manual' });
    expect(response.status).toBe(503);
    const page = await response.text();
    expect(page).toContain('GitHub does not return the credentials of the App at the moment.');
    expect(page).toContain(`<a href="${query.replaceAll('&', '&amp;')}">Try again</a>`);
    expect(print).not.toHaveBeenCalled();
    print.mockRestore();
  });

  it('takes the credentials, keeps them to itself, and is the App from then on', async () => {
    const token = new URL(berth.setupUrl ?? '').searchParams.get('token');
    const bad = await fetch(`${berth.url}/setup/created?code=unknown&state=${token}`, { redirect: 'manual' });
    expect(bad.status).toBe(400);
    github.state.manifestCodes.set('code-1', { name: 'Berth' });
    const response = await fetch(`${berth.url}/setup/created?code=code-1&state=${token}`, {
      redirect: 'manual',
    });
    expect([response.status, response.headers.get('location')]).toEqual([
      302,
      `http://${github.host}/apps/berth/installations/new`,
    ]);
    await eventually('the webhook to be there', async () => (await webhook()).status === 403);
    expect(await (await fetch(`${berth.url}/setup?token=${token}`)).text()).toContain('already set up');
    expect((await stat(join(dataDir, 'github-app.json'))).mode & 0o777).toBe(0o600);
  });

  it('lets people sign in with it from then on', async () => {
    expect(await (await fetch(`${berth.url}/session/ways`)).json()).toEqual({ key: true, github: true });
    const away = await fetch(`${berth.url}/session/github`, { redirect: 'manual' });
    const target = new URL(away.headers.get('location') ?? '');
    expect(target.origin + target.pathname).toBe(`http://${github.host}/login/oauth/authorize`);
    expect(target.searchParams.get('client_id')).toMatch(/^Iv1\./);
  });
});
