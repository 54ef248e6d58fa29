import { Hono } from 'hono';
import { authorized, type Ground, paged, refusal, type StandInEnv } from './answers.ts';
import { repositoryView } from './repository-routes.ts';
import type { PullState, RepositoryState } from './state.ts';

/** Pull requests: listed, read, and the files that they change. */
export function pullRoutes(ground: Ground): Hono<StandInEnv> {
  const app = new Hono<StandInEnv>();

  app.get('/repos/:owner/:repo/pulls', (c) => {
    const repository = authorized(ground, c, 'pull_requests', 'read');
    const state = c.req.query('state') ?? 'open';
    const head = c.req.query('head');
    const found = repository.pulls.filter(
      (pull) =>
        (state === 'all' || pull.state === state) &&
        (head === undefined || head === `${pull.headRepository.owner}:${pull.headBranch}`),
    );
    const { page, headers } = paged(c, found);
    return c.json(
      page.map((pull) => pullView(ground, repository, pull)),
      200,
      headers,
    );
  });

  app.get('/repos/:owner/:repo/commits/:sha/pulls', (c) => {
    const repository = authorized(ground, c, 'pull_requests', 'read');
    const found = repository.pulls.filter((pull) => pull.headSha === c.req.param('sha'));
    return c.json(found.map((pull) => pullView(ground, repository, pull)));
  });

  app.get('/repos/:owner/:repo/pulls/:number', (c) => {
    const repository = authorized(ground, c, 'pull_requests', 'read');
    return c.json(pullView(ground, repository, find(repository, c.req.param('number'))));
  });

  app.get('/repos/:owner/:repo/pulls/:number/files', async (c) => {
    const repository = authorized(ground, c, 'pull_requests', 'read');
    const pull = find(repository, c.req.param('number'));
    const files = await repository.git.changedFiles(pull.baseBranch, pull.headSha);
    const { page, headers } = paged(c, files);
    return c.json(
      page.map((filename) => ({ filename, status: 'modified' })),
      200,
      headers,
    );
  });
  return app;
}

function find(repository: RepositoryState, number: string | undefined): PullState {
  const pull = repository.pulls.find((one) => one.number === Number(number));
  if (pull === undefined) throw refusal(404, 'Not Found');
  return pull;
}

/** A pull request as GitHub shows it, in answers and webhooks. */
export function pullView(ground: Ground, repository: RepositoryState, pull: PullState) {
  const { headRepository } = pull;
  const isFork = headRepository.id !== repository.id;
  const fullName = `${headRepository.owner}/${headRepository.name}`;
  return {
    number: pull.number,
    title: pull.title,
    state: pull.state,
    draft: pull.draft,
    merged: pull.merged,
    created_at: pull.openedAt.toISOString(),
    updated_at: pull.updatedAt.toISOString(),
    html_url: `${ground.webUrl()}/${repository.owner}/${repository.name}/pull/${pull.number}`,
    user: { login: pull.author, id: 7, type: 'User' },
    head: {
      ref: pull.headBranch,
      sha: pull.headSha,
      user: { login: headRepository.owner },
      repo: isFork
        ? {
            ...repositoryView(ground, repository),
            id: headRepository.id,
            name: headRepository.name,
            full_name: fullName,
            owner: { login: headRepository.owner },
            fork: true,
          }
        : repositoryView(ground, repository),
    },
    base: { ref: pull.baseBranch, repo: repositoryView(ground, repository) },
  };
}
