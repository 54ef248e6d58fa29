import { z } from 'zod';
import type { ProjectId } from './ids.ts';

/** The settings of a project that REST clients and `berth.yml` change. */
export const projectSettingsSchema = z.strictObject({
  projectName: z
    .string()
    .min(1)
    .max(100)
    .optional()
    .meta({ description: "Shown with the project's ID; free text." }),
  prefix: z
    .string()
    .max(50)
    .regex(/^[A-Za-z][A-Za-z0-9_-]*$/, 'letters, digits, - and _, beginning with a letter')
    .regex(/[^0-9]$/, 'must not end in a digit')
    .default('test-')
    .meta({
      description:
        'Stacks are named `<prefix><number>`. Does not end in a digit, so that the number can be read back.',
    }),
  maxStacks: z.number().int().min(0).max(100_000).optional().meta({
    description:
      'Limit of stacks. If omitted, Berth creates as many as branches need; 0: runs go without stacks.',
  }),
  initialCommit: z
    .string()
    .min(1)
    .max(100)
    .optional()
    .meta({ description: 'The `lastDeployedCommit` of a stack without a deployment.' }),
  maxActiveRuns: z
    .number()
    .int()
    .min(1)
    .max(10_000)
    .default(1000)
    .meta({ description: 'Limit of active runs; Berth refuses more with `too_many_runs`.' }),
  maxTasks: z.number().int().min(0).max(10_000).optional().meta({
    description:
      'Limit of parallel tasks; further runs stay queued until one ends. If omitted, the default of the server; 0: only the limit of the server for all projects.',
  }),
  maxVcpus: z.number().int().min(0).max(100_000).optional().meta({
    description:
      'Limit of the vCPUs of all parallel tasks, each rounded up; further runs stay queued. If omitted, the default of the server; 0: only the limit of the server for all projects.',
  }),
  maxRunSeconds: z.number().int().min(60).max(86_400).optional().meta({
    description:
      'Longest time limit of a run. A longer `timeout` is reduced to it. If omitted, the limit of the server.',
  }),
  maxLogMib: z.number().int().min(1).max(10_240).optional().meta({
    description: 'Size limit of the log of a run, in MiB. If omitted, or if larger, the limit of the server.',
  }),
  maxArtifactsMib: z.number().int().min(1).max(5_000).optional().meta({
    description:
      'Size limit of the archive with the artifacts of a run, in MiB. If omitted, or if larger, the limit of the server.',
  }),
  monthlyBudgetUsd: z
    .number()
    .min(0)
    .max(10_000_000)
    .refine((usd) => usd === 0 || usd >= 0.000_001, 'must be 0, or at least 0.000001')
    .optional()
    .meta({
      description:
        'Budget for the estimated cost of the runs of a month (UTC), in US dollars. If omitted, none.',
    }),
  budgetAction: z.enum(['warn', 'stop']).optional().meta({
    description:
      'What happens when the budget is used up: `warn`, or `stop` new runs until the next month. If omitted, the default of the server.',
  }),
  reclaimAfterSeconds: z.number().int().min(60).max(31_536_000).optional().meta({
    description: 'After this time an idle hold may be transferred to a waiting holder. If omitted, never.',
  }),
  queue: z.enum(['fifo', 'fair']).optional().meta({
    description:
      'The order of the queue for stacks: `fifo`, first come, first served; `fair`, in rounds in which each author has one place. If omitted, `fifo`.',
  }),
  allowedHosts: z.array(z.string().min(1).max(253)).max(100).optional().meta({
    description:
      'Hosts that Berth may clone from, in addition to GitHub for a repository with the App: names, or `*.example.com`. If omitted, every host that the server allows.',
  }),
  oidcTrust: z
    .array(
      z.strictObject({
        repository: z
          .string()
          .regex(/^[\w.-]+\/([\w.-]+|\*)$/)
          .meta({ description: '`owner/repo`, or `owner/*`.' }),
        ref: z.string().max(255).optional().meta({
          description:
            'A full ref such as `refs/heads/main`; `*` matches any characters. If omitted, every ref.',
        }),
        environment: z.string().min(1).max(255).optional().meta({
          description: 'The GitHub environment of the job. If omitted, any or none.',
        }),
        workflow: z.string().min(1).max(255).optional().meta({
          description:
            'The workflow file, such as `.github/workflows/test.yml`; `*` matches any characters. If omitted, every one.',
        }),
        events: z.array(z.string().min(1).max(50)).min(1).max(20).optional().meta({
          description: 'The events that start the workflow. If omitted, all but `pull_request_target`.',
        }),
        repositoryId: z.number().int().min(1).optional().meta({
          description:
            'The ID of the repository. If omitted, Berth stores the ID of the first repository of this name that uses the entry.',
        }),
        repositoryOwnerId: z.number().int().min(1).optional().meta({
          description:
            'The ID of the owner. If omitted, Berth stores the ID of the first owner that uses an entry `owner/*`.',
        }),
      }),
    )
    .max(50)
    .optional()
    .meta({
      description: 'GitHub Actions workflows that may start runs with an OIDC token instead of a key.',
    }),
  deployments: z.boolean().default(true).meta({
    description: 'Whether stacks, deployments and comments are written to GitHub for this project.',
  }),
});
export type ProjectSettings = z.infer<typeof projectSettingsSchema>;
/** The number of stacks that a project may have; infinite if its settings set no limit. */
export function stackLimitOf({
  maxStacks = Number.POSITIVE_INFINITY,
}: Pick<ProjectSettings, 'maxStacks'>): number {
  return maxStacks;
}

export type ProjectSettingsInput = z.input<typeof projectSettingsSchema>;

/** Connects a project to a repository on GitHub. IDs are stable; owner and name are labels that change. */
export interface GithubRepository {
  readonly repositoryId: number;
  readonly installationId: number;
  readonly owner: string;
  readonly name: string;
  readonly defaultBranch: string;
}

/** Owns stacks, runs, keys and settings. */
export interface Project {
  readonly id: ProjectId;
  /** `owner/repo`, or the name that a person gave. */
  readonly name: string;
  readonly settings: ProjectSettings;
  readonly created: Date;
  readonly modified: Date;
  readonly github?: GithubRepository;
  /** The App was uninstalled, or lost access to the repository: no new runs; existing data stay. */
  readonly suspendedAt?: Date;
  /** When the pool settings of the repository were first applied. Until then the setup is not complete. */
  readonly poolAppliedAt?: Date;
}

export const scopes = ['read', 'run', 'admin'] as const;
/** `read` views, `run` also starts and cancels runs and requests stacks, `admin` also manages projects and keys. */
export type Scope = (typeof scopes)[number];

/** A stored API key: its hash, never the key. */
export interface ApiKey {
  /** Public name of the key, safe to show and log. */
  readonly id: string;
  /** SHA-256 of the key, hexadecimal. */
  readonly hash: string;
  readonly projectId: ProjectId;
  /** May act on every project, and create new ones. */
  readonly allProjects: boolean;
  readonly name: string;
  readonly scope: Scope;
  readonly created: Date;
  readonly revoked?: Date;
}

/** True if a key of scope `has` may do what requires `needed`: each scope includes those before it. */
export function includesScope(has: Scope, needed: Scope): boolean {
  return scopes.indexOf(has) >= scopes.indexOf(needed);
}

/** The possible default branches: without a connected repository, the usual names. */
export function defaultBranchesOf({ github }: Pick<Project, 'github'>): readonly string[] {
  return github === undefined ? ['main', 'master'] : [github.defaultBranch];
}
