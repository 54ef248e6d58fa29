import { Hono } from 'hono';
import { authorized, describedBody, type Ground, paged, refusal, type StandInEnv } from './answers.ts';
import type { CommentState, RepositoryState } from './state.ts';

/** Comments on issues and pull requests, and reactions to them. */
export function conversationRoutes(ground: Ground): Hono<StandInEnv> {
  const app = new Hono<StandInEnv>();

  app.get('/repos/:owner/:repo/issues/:number/comments', (c) => {
    const repository = authorized(ground, c, 'pull_requests', 'read');
    const number = Number(c.req.param('number'));
    const { page, headers } = paged(
      c,
      repository.comments.filter((comment) => comment.issue === number),
    );
    return c.json(
      page.map((comment) => commentView(ground, repository, comment)),
      200,
      headers,
    );
  });

  app.post('/repos/:owner/:repo/issues/:number/comments', async (c) => {
    const repository = authorized(ground, c, 'pull_requests', 'write');
    const body = await describedBody<{ body: string }>(
      c,
      'post /repos/{owner}/{repo}/issues/{issue_number}/comments',
    );
    if (body.body.length > 65_536) throw refusal(422, 'Body is too long (maximum is 65536 characters)');
    const comment: CommentState = {
      id: ground.nextId(),
      issue: Number(c.req.param('number')),
      author: `${ground.identity.slug}[bot]`,
      body: body.body,
      createdAt: new Date(),
      reactions: [],
    };
    repository.comments.push(comment);
    return c.json(commentView(ground, repository, comment), 201);
  });

  app.patch('/repos/:owner/:repo/issues/comments/:id', async (c) => {
    const repository = authorized(ground, c, 'pull_requests', 'write');
    const body = await describedBody<{ body: string }>(
      c,
      'patch /repos/{owner}/{repo}/issues/comments/{comment_id}',
    );
    const comment = find(repository, c.req.param('id'));
    comment.body = body.body;
    return c.json(commentView(ground, repository, comment));
  });

  app.delete('/repos/:owner/:repo/issues/comments/:id', (c) => {
    const repository = authorized(ground, c, 'pull_requests', 'write');
    const comment = find(repository, c.req.param('id'));
    repository.comments.splice(repository.comments.indexOf(comment), 1);
    return c.body(null, 204);
  });

  app.post('/repos/:owner/:repo/issues/comments/:id/reactions', async (c) => {
    const repository = authorized(ground, c, 'pull_requests', 'write');
    const operation = 'post /repos/{owner}/{repo}/issues/comments/{comment_id}/reactions';
    const { content } = await describedBody<{ content: string }>(c, operation);
    const comment = find(repository, c.req.param('id'));
    const isNew = !comment.reactions.includes(content);
    if (isNew) comment.reactions.push(content);
    return c.json(
      { id: ground.nextId(), content, user: { login: `${ground.identity.slug}[bot]` } },
      isNew ? 201 : 200,
    );
  });
  return app;
}

function find(repository: RepositoryState, id: string | undefined): CommentState {
  const comment = repository.comments.find((one) => one.id === Number(id));
  if (comment === undefined) throw refusal(404, 'Not Found');
  return comment;
}

/** A comment as GitHub shows it, in answers and webhooks. */
export function commentView(ground: Ground, repository: RepositoryState, comment: CommentState) {
  const isBot = comment.author.endsWith('[bot]');
  return {
    id: comment.id,
    body: comment.body,
    // GitHub tells whole seconds.
    created_at: `${comment.createdAt.toISOString().slice(0, 19)}Z`,
    user: { login: comment.author, id: 7, type: isBot ? 'Bot' : 'User' },
    html_url: `${ground.webUrl()}/${repository.owner}/${repository.name}/pull/${comment.issue}#issuecomment-${comment.id}`,
    performed_via_github_app: isBot ? { id: ground.identity.appId } : null,
  };
}
