import type { Clock } from '../../ports/clock.ts';
import type { GithubConversations } from '../../ports/github.ts';
import type { GithubApp } from './github-app.ts';

/** Longer than anything is tried again. */
const lookBackMs = 86_400_000;

export function githubConversations({
  github,
  clock,
}: {
  github: GithubApp;
  clock: Clock;
}): GithubConversations {
  return {
    async react(at, commentId, content) {
      await github.asInstallation(at.installationId, (octokit) =>
        // The same reaction again changes nothing, says GitHub with a 200.
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
        if (comments.some((comment) => comment.body?.includes(mark) === true)) return;
        await octokit.rest.issues.createComment({ ...where, body: `${body}\n\n${mark}` });
      });
    },
  };
}
