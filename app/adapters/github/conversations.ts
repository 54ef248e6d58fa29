import type { Clock } from '../../ports/clock.ts';
import type { GithubConversations } from '../../ports/github.ts';
import type { GithubApp } from './github-app.ts';
import { statusOf } from './rate-gate.ts';

/** Longer than any retry. */
const lookBackMs = 86_400_000;

export function githubConversations({
  github,
  clock,
}: {
  github: GithubApp;
  clock: Clock;
}): GithubConversations {
  const isOwn = (comment: { readonly performed_via_github_app?: { readonly id: number } | null }): boolean =>
    comment.performed_via_github_app?.id === github.appId;
  return {
    async react(at, commentId, content) {
      await github.asInstallation(at.installationId, (octokit) =>
        // Adding the same reaction again has no effect; GitHub answers 200.
        octokit.rest.reactions.createForIssueComment({
          owner: at.owner,
          repo: at.repo,
          comment_id: commentId,
          content,
        }),
      );
    },

    async reply(at, pullRequest, key, body) {
      const mark = `<!-- berth ${key.replace(/[^\w.-]/g, '_')} -->`;
      await github.asInstallation(at.installationId, async (octokit) => {
        const where = { owner: at.owner, repo: at.repo, issue_number: pullRequest };
        // The newest comments: an answer whose acknowledgement was lost was written hours ago at most.
        const since = new Date(clock.now().getTime() - lookBackMs).toISOString();
        const comments = await octokit.paginate(octokit.rest.issues.listComments, {
          ...where,
          since,
          per_page: 100,
        });
        // A person can write a comment with this mark.
        const ofApps = comments.filter((comment) => isOwn(comment) || comment.user?.type === 'Bot');
        if (ofApps.some((comment) => comment.body?.includes(mark) === true)) return;
        await octokit.rest.issues.createComment({ ...where, body: `${body}\n\n${mark}` });
      });
    },

    create: (at, pullRequest, body, { mayExist }) =>
      github.asInstallation(at.installationId, async (octokit) => {
        const where = { owner: at.owner, repo: at.repo, issue_number: pullRequest };
        const [mark = ''] = body.split('\n');
        const comments = mayExist
          ? await octokit.paginate(octokit.rest.issues.listComments, { ...where, per_page: 100 })
          : [];
        const own = comments.find((comment) => isOwn(comment) && comment.body?.startsWith(mark) === true);
        if (own === undefined) return (await octokit.rest.issues.createComment({ ...where, body })).data.id;
        await octokit.rest.issues.updateComment({ owner: at.owner, repo: at.repo, comment_id: own.id, body });
        return own.id;
      }),

    edit: (at, commentId, body) =>
      github.asInstallation(at.installationId, async (octokit) => {
        const edited = await unlessGone(() =>
          octokit.rest.issues.updateComment({
            owner: at.owner,
            repo: at.repo,
            comment_id: commentId,
            body,
          }),
        );
        return edited !== undefined;
      }),

    async remove(at, commentId) {
      await github.asInstallation(at.installationId, (octokit) =>
        unlessGone(() =>
          octokit.rest.issues.deleteComment({ owner: at.owner, repo: at.repo, comment_id: commentId }),
        ),
      );
    },
  };
}

async function unlessGone<T>(call: () => Promise<T>): Promise<T | undefined> {
  try {
    return await call();
  } catch (error) {
    if ([404, 410].includes(statusOf(error) ?? 0)) return undefined;
    throw error;
  }
}
