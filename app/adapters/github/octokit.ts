import type { ProbotOctokit } from 'probot';

/** Octokit with the plugins that Probot gives it. */
export type Octokit = InstanceType<typeof ProbotOctokit>;
