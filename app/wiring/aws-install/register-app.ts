import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { convertManifest } from '../../adapters/github/convert-manifest.ts';
import { systemIds } from '../../adapters/system/system-ids.ts';
import type { AppCredentials } from '../../core/model/app-manifest.ts';
import { setupRoutes } from '../../http/routes/setup.ts';
import { omitUndefined } from '../../lib/omit-undefined.ts';
import type { GithubServer } from '../config/config.ts';
import type { AppRequest } from './world.ts';

/**
 * Registers a GitHub App by the manifest flow from this machine: a page on loopback sends the manifest to GitHub, and
 * GitHub sends the browser back to it. The page requires the token in its address.
 *
 * @see https://docs.github.com/apps/sharing-github-apps/registering-a-github-app-from-a-manifest
 */
export async function registerApp(
  { publicUrl, organization, announce }: AppRequest,
  { apiUrl, webUrl }: GithubServer,
): Promise<AppCredentials> {
  const token = systemIds.secret(16);
  const app = new Hono();
  // Only the request knows the port, and the page is not served before the port is known.
  const server = serve({ fetch: (request) => app.fetch(request), hostname: '127.0.0.1', port: 0 });
  try {
    await new Promise<void>((listening, refused) => {
      server.once('listening', listening).once('error', refused);
    });
    const address = server.address();
    // A server that listens on a port has an address with a port.
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const own = `http://127.0.0.1:${port}`;
    const credentials = await new Promise<AppCredentials>((resolve) => {
      const routes = setupRoutes({
        token,
        publicUrl,
        redirectUrl: own,
        githubUrl: webUrl,
        ...omitUndefined({ organization }),
        checkReady() {},
        convert: (code) => convertManifest(apiUrl, code),
        configured: async (created) => resolve(created),
      });
      app.route('/', routes);
      announce(`${own}/setup?token=${token}`);
    });
    // The browser still waits for the redirect to the page that installs the App.
    await new Promise((answered) => setImmediate(answered));
    return credentials;
  } finally {
    server.close();
  }
}
