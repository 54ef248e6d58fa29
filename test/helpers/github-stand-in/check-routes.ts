import { Hono } from 'hono';
import { authorized, describedBody, type Ground, paged, refusal, type StandInEnv } from './answers.ts';
import type { AnnotationState, CheckRunState, RepositoryState } from './state.ts';

interface CheckRunBody {
  readonly name?: string;
  readonly head_sha?: string;
  readonly details_url?: string;
  readonly external_id?: string;
  readonly status?: CheckRunState['status'];
  readonly started_at?: string;
  readonly conclusion?: string;
  readonly completed_at?: string;
  readonly output?: {
    readonly title?: string;
    readonly summary: string;
    readonly text?: string;
    readonly annotations?: readonly AnnotationState[];
  };
  readonly actions?: CheckRunState['actions'];
}

/** Check runs: made, changed, listed, with what GitHub refuses of them refused. */
export function checkRoutes(ground: Ground): Hono<StandInEnv> {
  const app = new Hono<StandInEnv>();

  app.post('/repos/:owner/:repo/check-runs', async (c) => {
    const repository = authorized(ground, c, 'checks', 'write');
    const body = await describedBody<CheckRunBody>(c, 'post /repos/{owner}/{repo}/check-runs');
    refuseWhatTheSchemaLacks(body);
    const headSha = body.head_sha ?? '';
    if ((await repository.git.resolve(headSha)) === undefined)
      throw refusal(422, `No commit found for SHA: ${headSha}`);
    const checkRun: CheckRunState = {
      id: ground.nextId(),
      name: body.name ?? '',
      headSha,
      externalId: '',
      status: 'queued',
      conclusion: null,
      detailsUrl: undefined,
      startedAt: undefined,
      completedAt: undefined,
      output: undefined,
      actions: [],
      annotations: [],
      history: [],
    };
    repository.checkRuns.push(checkRun);
    change(checkRun, body);
    ground.notify('check_run', {
      action: 'created',
      check_run: checkRunView(ground, repository, checkRun),
      ...about(repository),
    });
    return c.json(checkRunView(ground, repository, checkRun), 201);
  });

  app.patch('/repos/:owner/:repo/check-runs/:id', async (c) => {
    const repository = authorized(ground, c, 'checks', 'write');
    const body = await describedBody<CheckRunBody>(
      c,
      'patch /repos/{owner}/{repo}/check-runs/{check_run_id}',
    );
    refuseWhatTheSchemaLacks(body);
    const checkRun = find(repository, c.req.param('id'));
    const wasCompleted = checkRun.status === 'completed';
    change(checkRun, body);
    if (!wasCompleted && checkRun.conclusion !== null) {
      ground.notify('check_run', {
        action: 'completed',
        check_run: checkRunView(ground, repository, checkRun),
        ...about(repository),
      });
    }
    return c.json(checkRunView(ground, repository, checkRun));
  });

  app.get('/repos/:owner/:repo/check-runs/:id', (c) => {
    const repository = authorized(ground, c, 'checks', 'read');
    return c.json(checkRunView(ground, repository, find(repository, c.req.param('id'))));
  });
  app.get('/repos/:owner/:repo/check-runs/:id/annotations', (c) => {
    const { page, headers } = paged(
      c,
      find(authorized(ground, c, 'checks', 'read'), c.req.param('id')).annotations,
    );
    return c.json(page, 200, headers);
  });

  app.get('/repos/:owner/:repo/commits/:ref/check-runs', async (c) => {
    const repository = authorized(ground, c, 'checks', 'read');
    const sha = await repository.git.resolve(c.req.param('ref'));
    const name = c.req.query('check_name');
    const appId = c.req.query('app_id');
    const isOfApp = appId === undefined || Number(appId) === ground.identity.appId;
    const all = repository.checkRuns
      .filter((one) => isOfApp && one.headSha === sha && (name === undefined || one.name === name))
      .reverse();
    // `latest`, GitHub's default, shows one check run of each name.
    const latest = all.filter((one, index) => all.findIndex((other) => other.name === one.name) === index);
    const shown = c.req.query('filter') === 'all' ? all : latest;
    const { page, headers } = paged(c, shown);
    const views = page.map((one) => checkRunView(ground, repository, one));
    return c.json({ total_count: shown.length, check_runs: views }, 200, headers);
  });
  return app;
}

/** Requests that GitHub rejects although its schema allows them. */
function refuseWhatTheSchemaLacks(body: CheckRunBody): void {
  if (body.status === 'completed' && body.conclusion === undefined) {
    throw refusal(422, 'Invalid request.\n\nA completed check run needs a conclusion.');
  }
  if (body.conclusion === 'stale') throw refusal(422, 'Only GitHub can mark a check run as stale.');
  for (const text of [body.output?.summary, body.output?.text]) {
    // The limit is on what is stored: bytes, whatever the description says of characters.
    if (text !== undefined && Buffer.byteLength(text) > 65_535) {
      throw refusal(422, 'Invalid request.\n\nOnly 65535 characters are allowed.');
    }
  }
  for (const annotation of body.output?.annotations ?? []) {
    if (annotation.start_line < 1 || annotation.end_line < annotation.start_line) {
      throw refusal(422, 'Invalid request.\n\nAn annotation must end where it begins, or below.');
    }
    if (annotation.path.startsWith('/') || annotation.path === '') {
      throw refusal(422, 'Invalid request.\n\nThe path of an annotation is relative to the repository.');
    }
    if ((annotation.title?.length ?? 0) > 255 || Buffer.byteLength(annotation.message) > 65_536) {
      throw refusal(422, 'Invalid request.\n\nAn annotation is too long.');
    }
  }
}

function change(checkRun: CheckRunState, body: CheckRunBody): void {
  if (body.name !== undefined) checkRun.name = body.name;
  if (body.external_id !== undefined) checkRun.externalId = body.external_id;
  if (body.details_url !== undefined) checkRun.detailsUrl = body.details_url;
  if (body.started_at !== undefined) checkRun.startedAt = body.started_at;
  if (body.completed_at !== undefined) checkRun.completedAt = body.completed_at;
  if (body.actions !== undefined) checkRun.actions = body.actions;
  if (body.output !== undefined) {
    const { title, summary, text, annotations } = body.output;
    checkRun.output = { title: title ?? checkRun.output?.title ?? '', summary, text: text ?? '' };
    checkRun.annotations.push(...(annotations ?? []));
  }
  if (body.conclusion !== undefined) {
    checkRun.status = 'completed';
    checkRun.conclusion = body.conclusion;
  } else if (body.status !== undefined) {
    checkRun.status = body.status;
    checkRun.conclusion = null;
  }
  const shown = checkRun.conclusion ?? checkRun.status;
  if (checkRun.history.at(-1) !== shown) checkRun.history.push(shown);
}

function find(repository: RepositoryState, id: string | undefined): CheckRunState {
  const checkRun = repository.checkRuns.find((one) => one.id === Number(id));
  if (checkRun === undefined) throw refusal(404, 'Not Found');
  return checkRun;
}

const about = (repository: RepositoryState) => ({ repositoryName: repository.name, sender: 'berth[bot]' });

/** A check run as GitHub shows it, in answers and webhooks. */
export function checkRunView(ground: Ground, repository: RepositoryState, checkRun: CheckRunState) {
  const pulls = repository.pulls.filter((pull) => pull.state === 'open' && pull.headSha === checkRun.headSha);
  return {
    id: checkRun.id,
    name: checkRun.name,
    head_sha: checkRun.headSha,
    external_id: checkRun.externalId,
    html_url: `${ground.webUrl()}/${repository.owner}/${repository.name}/runs/${checkRun.id}`,
    details_url: checkRun.detailsUrl ?? null,
    status: checkRun.status,
    conclusion: checkRun.conclusion,
    started_at: checkRun.startedAt ?? null,
    completed_at: checkRun.completedAt ?? null,
    output: {
      title: checkRun.output?.title ?? null,
      summary: checkRun.output?.summary ?? null,
      text: checkRun.output?.text ?? null,
      annotations_count: checkRun.annotations.length,
    },
    app: { id: ground.identity.appId, slug: ground.identity.slug },
    check_suite: { id: 1, head_sha: checkRun.headSha },
    pull_requests: pulls.map((pull) => ({
      number: pull.number,
      head: { sha: pull.headSha, ref: pull.headBranch },
    })),
  };
}
