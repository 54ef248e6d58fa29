import type { Clock } from '../../ports/clock.ts';
import type { Github } from '../../ports/github.ts';
import type { Logger } from '../../ports/logger.ts';
import { createPageCache } from './conditional-pages.ts';
import { githubConversations } from './conversations.ts';
import { githubDeliveries } from './deliveries.ts';
import type { GithubApp } from './github-app.ts';
import { githubPullRequests } from './pull-requests.ts';
import { githubRepositories } from './repositories.ts';

/** Berth's calls to GitHub, except for check runs and deployments. */
export function createGithub(options: { github: GithubApp; clock: Clock; log: Logger }): Github {
  const pages = createPageCache();
  return {
    repositories: githubRepositories({ ...options, pages }),
    pullRequests: githubPullRequests({ ...options, pages }),
    conversations: githubConversations(options),
    deliveries: githubDeliveries(options),
  };
}
