import { randomBytes } from 'node:crypto';
import { Hono } from 'hono';
import { html } from 'hono/html';
import type { Ground, StandInEnv } from './answers.ts';

interface Manifest {
  readonly name: string;
  readonly redirect_url: string;
  readonly setup_url?: string;
}

/**
 * The pages on which a person creates an App from a manifest and installs it. GitHub has no "Cancel" that returns to
 * the sender: who declines leaves the page.
 */
export function manifestRoutes({ state }: Ground): Hono<StandInEnv> {
  const app = new Hono<StandInEnv>();
  let latest: Manifest | undefined;

  for (const path of ['/settings/apps/new', '/organizations/:org/settings/apps/new']) {
    app.post(path, async (c) => {
      const { manifest } = await c.req.parseBody<{ manifest: string }>();
      return c.html(html`<!doctype html>
        <title>Create GitHub App</title>
        <form method="post" action="/settings/apps/create">
          <input type="hidden" name="manifest" value="${manifest}" />
          <input type="hidden" name="state" value="${c.req.query('state')}" />
          <button>Create GitHub App</button>
        </form>`);
    });
  }
  app.post('/settings/apps/create', async (c) => {
    const form = await c.req.parseBody<{ manifest: string; state: string }>();
    // The form holds what Berth sent as its manifest.
    latest = JSON.parse(form.manifest) as Manifest;
    const code = randomBytes(10).toString('hex');
    state.manifestCodes.set(code, latest);
    const target = new URL(latest.redirect_url);
    target.searchParams.set('code', code);
    target.searchParams.set('state', form.state);
    return c.redirect(target.href);
  });
  app.get('/apps/:slug/installations/new', (c) =>
    c.html(html`<!doctype html>
      <title>Install App</title>
      <form method="post"><button>Install</button></form>`),
  );
  app.post('/apps/:slug/installations/new', (c) => {
    const target = latest?.setup_url;
    if (target === undefined) return c.html(html`<title>Installed</title><h1>Installed</h1>`);
    return c.redirect(`${target}?installation_id=${state.installationId}&setup_action=install`);
  });
  return app;
}
