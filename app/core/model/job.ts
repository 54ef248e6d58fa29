import { z } from 'zod';
import { cacheSchema, cacheUseSchema, mostCaches } from './cache.ts';
import { checkoutSchema } from './checkout.ts';
import { mostServices } from './service.ts';
import { testCaseSchema, testFailureSchema, testTotalsSchema } from './test-results.ts';

/**
 * The two documents that Berth and its runner exchange. The runner reads a {@link Job} from `BERTH_JOB_URL` and
 * writes a {@link JobResult} to `uploads.result`. Both carry a version, so that an image built last month can
 * refuse a document that it does not understand.
 */

/** An upload target of the runner: one HTTP PUT (or a `file:` path) that needs only this URL. */
export const uploadTargetSchema = z.object({
  /** `http:`, `https:`, or `http+unix://<percent-encoded socket path>/<path>` for a container without a network. */
  url: z.string(),
  headers: z.record(z.string(), z.string()).default({}),
  maxBytes: z.number().int().min(1),
});
export type UploadTarget = z.infer<typeof uploadTargetSchema>;

const jobSourceSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('git'),
    /** `https:`, `ssh:` (also the scp-like form) or `file:`. Never carries credentials: see `auth`. */
    url: z.string(),
    branch: z.string(),
    /** A full ref to fetch when the commit itself is not advertised, such as `refs/pull/7/head`. */
    ref: z.string().optional(),
    /** 40 or 64 hexadecimal digits. If omitted, the head of `branch` at the time of the fetch. */
    sha: z.string().optional(),
    /** If false, the host must not resolve to a loopback or private address. */
    allowPrivateHosts: z.boolean().optional(),
    auth: z
      .discriminatedUnion('kind', [
        z.object({ kind: z.literal('basic'), username: z.string(), password: z.string() }),
        z.object({ kind: z.literal('ssh'), privateKey: z.string(), knownHosts: z.string().optional() }),
      ])
      .optional(),
  }),
  z.object({
    kind: z.literal('archive'),
    /** A `.tar.gz` of the commit; one leading directory, as GitHub makes it, is stripped. */
    url: z.string(),
    branch: z.string(),
    sha: z.string(),
    headers: z.record(z.string(), z.string()).default({}),
  }),
]);
export type JobSource = z.infer<typeof jobSourceSchema>;

const roleCredentialsSchema = z.object({
  AccessKeyId: z.string(),
  SecretAccessKey: z.string(),
  Token: z.string(),
  /** ISO 8601. */
  Expiration: z.string(),
});
export type RoleCredentials = z.infer<typeof roleCredentialsSchema>;

/** Which launch of its run a document belongs to. Runner images of 0.1.0 do not copy it from the job. */
const launchSchema = z.number().int().min(1).exactOptional();

export const jobSchema = z.object({
  version: z.literal(1),
  runId: z.string(),
  launch: launchSchema,
  project: z.string(),
  suite: z.string(),
  source: jobSourceSchema,
  checkout: checkoutSchema.default({}),
  /** Run once before `command`, in the same checkout; its failure ends the run as `errored` (`setup_failed`). */
  setup: z.string().optional(),
  /** A shell command, passed as one argument to `bash -e -o pipefail -c`, or to `sh -e -c` if there is no bash. */
  command: z.string(),
  /** `bash`, `sh`, or a command in which `{0}` is a file with the command. If omitted, bash if it is installed. */
  shell: z.string().optional(),
  env: z.record(z.string(), z.string()).default({}),
  /** Like `env`, but each value is masked as `***` in the log, the report and the result. */
  secretEnv: z.record(z.string(), z.string()).default({}),
  stack: z
    .object({
      name: z.string(),
      token: z.number().int(),
      lastDeployedCommit: z.string().optional(),
      isNew: z.boolean().default(false),
    })
    .optional(),
  limits: z.object({
    /** The time limit from the start of `setup` to the end of `command`. */
    timeoutSeconds: z.number().int().min(1),
    /** Between TERM and KILL. */
    killGraceSeconds: z.number().int().nonnegative().default(10),
    /** The resources of the task: named in the report, and in the reason if a limit ended the run. */
    memoryMib: z.number().int().min(1).optional(),
    cpuUnits: z.number().int().min(1).optional(),
    /** The disk limit of the commands, including their log. */
    diskMib: z.number().int().min(1).optional(),
    /** The log ends there. */
    logBytes: z.number().int().min(1).optional(),
  }),
  /** The runner may report its progress this much later. */
  progressDelaySeconds: z.number().nonnegative().default(0),
  /** Run only the tests that failed in an earlier run of this commit, and keep the other results of that run. */
  rerun: z
    .object({
      /** The ID of the earlier run. */
      of: z.string(),
      /** The commit that the earlier run tested. */
      sha: z.string(),
      totals: testTotalsSchema,
      /** Where its `testCasesSchema` can be read. */
      testsUrl: z.string(),
      /** How the suite runs only failed tests. If omitted, by what the runner knows of its tool. */
      command: z.string().optional(),
    })
    .optional(),
  /** Whether the commands may use the role of the task. */
  taskRole: z.boolean().default(false),
  /** Shown at the start of the log, and kept as warnings of the run. */
  notices: z.array(z.object({ code: z.string(), message: z.string() })).default([]),
  junit: z.array(z.string()).default([]),
  artifacts: z.array(z.string()).default([]),
  caches: z
    .array(
      // A cache without paths is one that the machine keeps itself.
      cacheSchema.extend({
        /** Possible archives of the cache, in the order in which they are tried. */
        restore: z.array(z.object({ branch: z.string(), url: z.string() })),
        /** Size limit of an archive. */
        maxBytes: z.number().int().min(1),
        /** An older archive is not restored. */
        maxAgeSeconds: z.number().int().min(1),
      }),
    )
    .max(mostCaches)
    .default([]),
  /** Containers next to the task: their ports must accept connections before the commands start. */
  services: z
    .array(
      z.object({
        name: z.string(),
        image: z.string(),
        ports: z.array(z.number().int()),
        timeoutSeconds: z.number().int(),
      }),
    )
    .default([]),
  /** Credentials of the suite's AWS role, as the container credentials endpoint of AWS names them. */
  credentials: roleCredentialsSchema.optional(),
  links: z
    .object({ run: z.string().optional(), commit: z.string().optional(), stack: z.string().optional() })
    .default({}),
  uploads: z.object({
    result: uploadTargetSchema,
    report: uploadTargetSchema,
    /** JSON of every test case, see `testCasesSchema`. */
    tests: uploadTargetSchema,
    /** `.tar.gz` of the files that `artifacts` matched. */
    artifacts: uploadTargetSchema,
    /** Written at the start of every phase: see {@link jobProgressSchema}. */
    progress: uploadTargetSchema,
    /** The upload target of each cache in `caches`. Empty if this run must not write any. */
    caches: z.array(uploadTargetSchema).default([]),
  }),
  /**
   * The URL of fresh `uploads`, for runs that outlive the credentials their URLs were signed
   * with. The copy has a separate `renewUrl`.
   */
  renewUrl: z.string().optional(),
});
export type Job = z.infer<typeof jobSchema>;
/** The stored form of a job: defaults may be omitted. */
export type JobInput = z.input<typeof jobSchema>;

/** Fresh upload targets, as read from `renewUrl`. */
export const jobRenewalSchema = z.object({
  uploads: jobSchema.shape.uploads,
  renewUrl: z.string().optional(),
  credentials: roleCredentialsSchema.optional(),
  /** Why there are no longer credentials. */
  credentialsRefused: z.string().optional(),
});

export type JobRenewal = z.input<typeof jobRenewalSchema>;

const phaseNames = ['fetch', 'setup', 'test', 'report', 'upload'] as const;
export const phaseSchema = z.object({
  name: z.enum(phaseNames),
  /** ISO 8601. */
  startedAt: z.string().max(40),
  finishedAt: z.string().max(40).optional(),
});
/** Limits the phases, which are stored with their run: code of the tests could have written the document. */
const maxPhases = 100;
export type Phase = z.infer<typeof phaseSchema>;

/** The facts by which people recognize a commit: the first line of its message, and its author. */
export const commitSchema = z.object({
  message: z.string().max(200),
  author: z.string().max(100).exactOptional(),
});
export type Commit = z.infer<typeof commitSchema>;

export const jobProgressSchema = z.object({
  version: z.literal(1),
  runId: z.string(),
  launch: launchSchema,
  phases: z.array(phaseSchema).max(maxPhases),
  /** Known once it is checked out. */
  commit: commitSchema.exactOptional(),
});
export type JobProgress = z.infer<typeof jobProgressSchema>;

/** The runner's exit code for an infrastructure failure: `EX_SOFTWARE` of sysexits.h. */
export const erroredExitCode = 70;

/** Why the runner itself ended a run. Stable: clients and docs/troubleshooting.md refer to them. */
export const runnerErrorCodes = [
  'job_unreadable',
  'job_version',
  'repository_not_found',
  'branch_not_found',
  'commit_not_found',
  'authentication_refused',
  'source_unreachable',
  'archive_invalid',
  'source_refused',
  'submodules_failed',
  'lfs_failed',
  'directory_not_found',
  'setup_failed',
  'command_not_started',
  'out_of_memory',
  'disk_full',
  'process_limit',
  'service_not_ready',
  'runner_failed',
] as const;

/** The size limit of the runner's result. Berth reads no more, because a presigned URL of S3 does not limit an upload. */
export const maxResultBytes = 8 * 1024 * 1024;

export const jobResultSchema = z.object({
  version: z.literal(1),
  runId: z.string(),
  launch: launchSchema,
  outcome: z.enum(['succeeded', 'failed', 'timed_out', 'cancelled', 'errored']),
  /** The command's exit code; null if it did not finish. */
  exitCode: z.number().int().nullable(),
  signal: z.string().max(100).optional(),
  error: z.object({ code: z.enum(runnerErrorCodes), message: z.string() }).optional(),
  /** The commit that was checked out. */
  sha: z.string().max(64).optional(),
  commit: commitSchema.exactOptional(),
  phases: z.array(phaseSchema).max(maxPhases),
  /** If omitted, no JUnit file was found. */
  tests: testTotalsSchema.optional(),
  /** The first tests that failed in the earlier run of the commit, and passed in this one. */
  passedOnRetry: z.array(z.string().max(600)).max(20).exactOptional(),
  /** The first 100 failed tests; `tests.failed` counts them all. */
  failures: z.array(testFailureSchema).max(100).default([]),
  slowest: z.array(testCaseSchema).max(20).default([]),
  /** Problems that did not end the run: a malformed JUnit file, an artifact over the limit, a failed upload. */
  warnings: z.array(z.object({ code: z.string(), message: z.string() })).default([]),
  artifacts: z
    .array(
      z.object({
        path: z.string(),
        sizeBytes: z.number().int().nonnegative(),
        /** True for the suite's own report (pytest-html, Playwright, Allure). */
        isReport: z.boolean().default(false),
      }),
    )
    .default([]),
  /** The last 100 lines of the log, masked, each at most 2,000 characters. */
  logTail: z.array(z.string()).max(100).default([]),
  peakMemoryMib: z.number().nonnegative().optional(),
  caches: z.array(cacheUseSchema).max(mostCaches).exactOptional(),
  /** The services whose ports refused connections after the command failed. */
  servicesDown: z.array(z.string().max(100)).max(mostServices).exactOptional(),
  /** How much longer the setup took in the run that began without the caches. */
  cacheSavedSeconds: z.number().nonnegative().exactOptional(),
  /** The outputs that commands wrote to the file `BERTH_OUTPUT`, masked. */
  outputs: z
    .record(z.string().max(100), z.string().max(4_000))
    .refine((outputs) => Object.keys(outputs).length <= 50)
    .exactOptional(),
});
export type JobResult = z.infer<typeof jobResultSchema>;
