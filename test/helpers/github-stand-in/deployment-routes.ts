import { Hono } from 'hono';
import { authorized, describedBody, type Ground, paged, refusal, type StandInEnv } from './answers.ts';
import type { DeploymentState, RepositoryState } from './state.ts';

/** Deployments, their statuses, and the environments that they make. */
export function deploymentRoutes(ground: Ground): Hono<StandInEnv> {
  const app = new Hono<StandInEnv>();

  app.post('/repos/:owner/:repo/deployments', async (c) => {
    const repository = authorized(ground, c, 'deployments', 'write');
    const body = await describedBody<DeploymentBody>(c, 'post /repos/{owner}/{repo}/deployments');
    const sha = await repository.git.resolve(body.ref);
    if (sha === undefined) throw refusal(422, `No ref found for: ${body.ref}`);
    // Without `required_contexts: []` every other check of the commit, those of Berth too, must have passed.
    if (
      body.required_contexts === undefined &&
      repository.checkRuns.some((one) => one.headSha === sha && one.conclusion !== 'success')
    ) {
      throw refusal(409, 'Conflict: Commit status checks failed for this ref.');
    }
    const deployment: DeploymentState = {
      id: ground.nextId(),
      sha,
      ref: body.ref,
      environment: body.environment ?? 'production',
      payload: body.payload ?? {},
      statuses: [],
    };
    repository.deployments.push(deployment);
    return c.json(view(deployment), 201);
  });

  app.get('/repos/:owner/:repo/deployments', (c) => {
    const repository = authorized(ground, c, 'deployments', 'read');
    const environment = c.req.query('environment');
    const sha = c.req.query('sha');
    const found = repository.deployments
      .filter(
        (one) =>
          (environment === undefined || one.environment === environment) &&
          (sha === undefined || one.sha === sha),
      )
      .reverse();
    const { page, headers } = paged(c, found);
    return c.json(page.map(view), 200, headers);
  });

  app.get('/repos/:owner/:repo/deployments/:id/statuses', (c) => {
    const deployment = find(authorized(ground, c, 'deployments', 'read'), c.req.param('id'));
    const { page, headers } = paged(c, [...deployment.statuses].reverse());
    return c.json(page, 200, headers);
  });

  app.post('/repos/:owner/:repo/deployments/:id/statuses', async (c) => {
    const repository = authorized(ground, c, 'deployments', 'write');
    const operation = 'post /repos/{owner}/{repo}/deployments/{deployment_id}/statuses';
    const body = await describedBody<StatusBody>(c, operation);
    const deployment = find(repository, c.req.param('id'));
    const { state, environment_url = '', log_url = '' } = body;
    deployment.statuses.push({ state, environment_url, log_url });
    return c.json(
      { id: ground.nextId(), state, environment: deployment.environment, environment_url, log_url },
      201,
    );
  });
  return app;
}

interface DeploymentBody {
  readonly ref: string;
  readonly environment?: string;
  readonly payload?: unknown;
  readonly required_contexts?: readonly string[];
}
interface StatusBody {
  readonly state: string;
  readonly environment_url?: string;
  readonly log_url?: string;
}

function find(repository: RepositoryState, id: string | undefined): DeploymentState {
  const deployment = repository.deployments.find((one) => one.id === Number(id));
  if (deployment === undefined) throw refusal(404, 'Not Found');
  return deployment;
}

const view = (deployment: DeploymentState) => ({
  id: deployment.id,
  sha: deployment.sha,
  ref: deployment.ref,
  environment: deployment.environment,
  payload: deployment.payload,
});
