import type { Clock } from '../../ports/clock.ts';
import type { Github } from '../../ports/github.ts';
import { githubConversations } from './conversations.ts';
import { githubDeliveries } from './deliveries.ts';
import type { GithubApp } from './github-app.ts';
import { githubPullRequests } from './pull-requests.ts';
import { githubRepositories } from './repositories.ts';

/** All that Berth asks of GitHub beside check runs and deployments. */
export function createGithub(options: { github: GithubApp; clock: Clock }): Github {
  return {
    repositories: githubRepositories(options),
    pullRequests: githubPullRequests(options),
    conversations: githubConversations(options),
    deliveries: githubDeliveries(options),
  };
}
