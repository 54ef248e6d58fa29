import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { registerApp } from '../../../app/wiring/aws-install/register-app.ts';
import { parseConfig } from '../../../app/wiring/config/config.ts';
import { eventually } from '../../helpers/eventually.ts';
import {
  type GithubStandIn,
  startGithubStandIn,
} from '../../helpers/github-stand-in/start-github-stand-in.ts';

describe('registering the GitHub App from a laptop, for functions on AWS', () => {
  let github: GithubStandIn;
  beforeAll(async () => {
    github = await startGithubStandIn();
  });
  afterAll(() => github.close());

  it('sends the browser to GitHub and back to loopback, and returns the credentials', async () => {
    let address: string | undefined;
    const registered = registerApp(
      {
        publicUrl: 'https://berth.example',
        organization: 'octo-org',
        announce: (url) => {
          address = url;
        },
      },
      parseConfig({ GHE_HOST: github.host, GHE_PROTOCOL: 'http' }).githubServer,
    );
    const page = await eventually('the address of the page', async () => address);
    const { origin, searchParams } = new URL(page);
    expect((await fetch(`${origin}/setup?token=guess`)).status).toBe(403);
    const html = await (await fetch(page)).text();
    expect(html).toContain(`http://${github.host}/organizations/octo-org/settings/apps/new?state=`);
    const [, manifest = ''] = /name="manifest" value="([^"]+)"/.exec(html) ?? [];
    expect(JSON.parse(manifest.replaceAll('&quot;', '"'))).toMatchObject({
      hook_attributes: { url: 'https://berth.example/api/github/webhooks' },
      callback_urls: ['https://berth.example/session/github/callback'],
      redirect_url: `${origin}/setup/created`,
    });

    const back = (code: string) =>
      fetch(`${origin}/setup/created?code=${code}&state=${searchParams.get('token')}`, {
        redirect: 'manual',
      });
    expect((await back('unknown')).status).toBe(400);
    github.state.manifestCodes.set('code-1', { name: 'Berth' });
    const answer = await back('code-1');
    expect([answer.status, answer.headers.get('location')]).toEqual([
      302,
      `http://${github.host}/apps/berth/installations/new`,
    ]);
    expect(await registered).toMatchObject({ privateKey: expect.stringContaining('PRIVATE KEY') });
    await expect(fetch(page)).rejects.toThrow();
  });
});
