import type { GitRepository } from './git-repository.ts';

/** The state of the test server. Tests read it to see what GitHub's users would see. */
export interface GithubState {
  readonly repositories: RepositoryState[];
  readonly installationId: number;
  /** The permissions that the App was given when it was installed. */
  readonly permissions: Record<string, 'read' | 'write' | 'admin'>;
  readonly events: string[];
  readonly tokens: Map<string, TokenState>;
  readonly deliveries: DeliveryState[];
  /** Codes of the manifest flow that can still be exchanged, with the manifest that each is for. */
  readonly manifestCodes: Map<string, { readonly name: string }>;
  /** Where people may be sent back to after they authorized the App. */
  readonly callbackUrls: string[];
  /** A code that can be exchanged once. */
  readonly codes: Map<string, CodeState>;
  /** Tokens by which the App acts as a person. */
  readonly userTokens: Map<string, UserTokenState>;
  /** How long a person's token is good. */
  userTokenSeconds: number;
  suspended: boolean;
  installed: boolean;
  webhookUrl: string | undefined;
  /** Sends the webhooks. */
  sendWebhook: typeof fetch;
}

export interface TokenState {
  readonly expires: Date;
  /** If omitted, every repository of the installation. */
  readonly repositoryIds: readonly number[] | undefined;
  readonly permissions: Readonly<Record<string, string>>;
}

interface CodeState {
  readonly login: string;
  readonly redirectUri: string;
  readonly codeChallenge: string | undefined;
}

export interface UserTokenState {
  readonly login: string;
  readonly refreshToken: string;
  expires: Date;
}

export interface RepositoryState {
  readonly id: number;
  owner: string;
  name: string;
  readonly defaultBranch: string;
  readonly isPrivate: boolean;
  isArchived?: boolean;
  readonly git: GitRepository;
  /** Logins and what each may do; others may read. */
  readonly collaborators: Map<string, 'admin' | 'maintain' | 'write' | 'triage' | 'read'>;
  readonly pulls: PullState[];
  readonly comments: CommentState[];
  readonly checkRuns: CheckRunState[];
  readonly deployments: DeploymentState[];
}

export interface PullState {
  readonly number: number;
  title: string;
  state: 'open' | 'closed';
  draft: boolean;
  merged: boolean;
  readonly author: string;
  readonly headBranch: string;
  headSha: string;
  /** The head's repository; another than the base's for a fork. */
  readonly headRepository: { readonly id: number; readonly owner: string; readonly name: string };
  baseBranch: string;
  readonly openedAt: Date;
  updatedAt: Date;
}

export interface CommentState {
  readonly id: number;
  readonly issue: number;
  readonly author: string;
  readonly createdAt: Date;
  body: string;
  readonly reactions: string[];
}

export interface AnnotationState {
  readonly path: string;
  readonly start_line: number;
  readonly end_line: number;
  readonly annotation_level: string;
  readonly message: string;
  readonly title?: string;
  readonly raw_details?: string;
}

export interface CheckRunState {
  readonly id: number;
  name: string;
  readonly headSha: string;
  externalId: string;
  status: 'queued' | 'in_progress' | 'completed';
  conclusion: string | null;
  detailsUrl: string | undefined;
  startedAt: string | undefined;
  completedAt: string | undefined;
  output: { title: string; summary: string; text: string } | undefined;
  actions: readonly { label: string; identifier: string; description: string }[];
  readonly annotations: AnnotationState[];
  /** Every status, or conclusion, that it has shown, in order. */
  readonly history: string[];
}

export interface DeploymentState {
  readonly id: number;
  readonly sha: string;
  readonly ref: string;
  readonly environment: string;
  readonly payload: unknown;
  readonly statuses: { readonly state: string; readonly environment_url: string; readonly log_url: string }[];
}

export interface DeliveryState {
  readonly id: number;
  readonly guid: string;
  readonly event: string;
  readonly action: string | null;
  readonly body: string;
  readonly deliveredAt: Date;
  readonly redelivery: boolean;
  /** 0 without a response. */
  statusCode: number;
  durationSeconds: number;
}

/** @returns the repository of this name, or its number. */
export function findRepository(state: GithubState, owner: string, name: string): RepositoryState | undefined {
  return state.repositories.find(
    (repository) =>
      repository.owner.toLowerCase() === owner.toLowerCase() &&
      repository.name.toLowerCase() === name.toLowerCase(),
  );
}
