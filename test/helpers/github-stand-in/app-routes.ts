import { randomBytes } from 'node:crypto';
import { Hono } from 'hono';
import { asApp, describedBody, type Ground, paged, refusal, type StandInEnv } from './answers.ts';
import { createAppIdentity } from './app-identity.ts';
import { repositoryView } from './repository-routes.ts';
import type { DeliveryState } from './state.ts';

/** Routes for the App itself: installations, tokens, webhook deliveries, the manifest flow. */
export function appRoutes(
  ground: Ground,
  redeliver: (delivery: DeliveryState) => Promise<void>,
): Hono<StandInEnv> {
  const { state, identity } = ground;
  const app = new Hono<StandInEnv>();

  const installation = () => ({
    id: state.installationId,
    app_id: identity.appId,
    app_slug: identity.slug,
    account: { login: state.repositories[0]?.owner ?? 'octo-org', id: 1, type: 'Organization' },
    target_type: 'Organization',
    repository_selection: 'all',
    permissions: state.permissions,
    events: state.events,
    suspended_at: state.suspended ? new Date().toISOString() : null,
  });

  app.get('/app', (c) => {
    asApp(c);
    return c.json({
      id: identity.appId,
      client_id: identity.clientId,
      slug: identity.slug,
      name: 'Berth',
      html_url: `${ground.webUrl()}/apps/${identity.slug}`,
      permissions: state.permissions,
      events: state.events,
      installations_count: 1,
    });
  });
  app.get('/app/installations', (c) => {
    asApp(c);
    return c.json(state.installed ? [installation()] : []);
  });
  app.get('/app/installations/:id', (c) => {
    asApp(c);
    if (Number(c.req.param('id')) !== state.installationId) throw refusal(404, 'Not Found');
    return c.json(installation());
  });
  app.get('/repos/:owner/:repo/installation', (c) => {
    asApp(c);
    return c.json(installation());
  });

  app.post('/app/installations/:id/access_tokens', async (c) => {
    asApp(c);
    if (Number(c.req.param('id')) !== state.installationId || !state.installed)
      throw refusal(404, 'Not Found');
    if (state.suspended) throw refusal(403, 'This installation has been suspended');
    const asked =
      c.req.header('content-type') === undefined ? {} : await describedBody<TokenBody>(c, tokenOperation);
    const names = asked.repositories?.map((name) => state.repositories.find((one) => one.name === name)?.id);
    const ids = asked.repository_ids ?? names;
    if (ids?.some((id) => !state.repositories.some((repository) => repository.id === id))) {
      throw refusal(422, 'There is at least one repository that does not exist or is not accessible');
    }
    for (const [name, level] of Object.entries(asked.permissions ?? {})) {
      const given = state.permissions[name];
      if (given === undefined || (given === 'read' && level !== 'read')) {
        throw refusal(422, 'The permissions requested are not granted to this installation.');
      }
    }
    const token = `ghs_${randomBytes(18).toString('hex')}`;
    const expires = new Date(Date.now() + 3_600_000);
    const permissions = asked.permissions ?? state.permissions;
    const repositoryIds = ids?.filter((id) => id !== undefined);
    state.tokens.set(token, { expires, repositoryIds, permissions: { metadata: 'read', ...permissions } });
    return c.json({ token, expires_at: expires.toISOString(), permissions }, 201);
  });

  app.get('/installation/repositories', (c) => {
    const principal = c.get('principal');
    if (principal.kind !== 'installation')
      throw refusal(403, 'You must authenticate with an installation token');
    const { page, headers } = paged(c, state.repositories);
    const repositories = page.map((repository) => repositoryView(ground, repository));
    return c.json({ total_count: state.repositories.length, repositories }, 200, headers);
  });

  app.get('/app/hook/config', (c) => {
    asApp(c);
    return c.json({
      content_type: 'json',
      insecure_ssl: '0',
      secret: '********',
      url: state.webhookUrl ?? '',
    });
  });
  app.get('/app/hook/deliveries', (c) => {
    asApp(c);
    const { page, headers } = paged(c, [...state.deliveries].reverse());
    return c.json(page.map(deliveryView), 200, headers);
  });
  app.post('/app/hook/deliveries/:id/attempts', async (c) => {
    asApp(c);
    const delivery = state.deliveries.find(({ id }) => id === Number(c.req.param('id')));
    if (delivery === undefined) throw refusal(404, 'Not Found');
    await redeliver(delivery);
    return c.json({}, 202);
  });

  app.post('/app-manifests/:code/conversions', (c) => {
    const code = c.req.param('code');
    const manifest = state.manifestCodes.get(code);
    if (manifest === undefined) throw refusal(404, 'Not Found');
    state.manifestCodes.delete(code);
    const made = createAppIdentity();
    return c.json(
      {
        id: made.appId + 1,
        slug: made.slug,
        name: manifest.name,
        client_id: 'Iv1.0123456789abcdef',
        client_secret: randomBytes(20).toString('hex'),
        webhook_secret: randomBytes(20).toString('hex'),
        pem: made.privateKey,
        html_url: `${ground.webUrl()}/apps/${made.slug}`,
        owner: { login: 'octo-org', id: 1 },
      },
      201,
    );
  });
  return app;
}

const tokenOperation = 'post /app/installations/{installation_id}/access_tokens';
interface TokenBody {
  readonly repositories?: readonly string[];
  readonly repository_ids?: readonly number[];
  readonly permissions?: Readonly<Record<string, string>>;
}

const deliveryView = (delivery: DeliveryState) => ({
  id: delivery.id,
  guid: delivery.guid,
  delivered_at: delivery.deliveredAt.toISOString(),
  redelivery: delivery.redelivery,
  duration: delivery.durationSeconds,
  status: delivery.statusCode >= 200 && delivery.statusCode < 300 ? 'OK' : 'Invalid HTTP Response',
  status_code: delivery.statusCode,
  event: delivery.event,
  action: delivery.action,
  installation_id: null,
  repository_id: null,
});
