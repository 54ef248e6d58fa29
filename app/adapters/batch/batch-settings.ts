/** Where and how jobs run on AWS Batch. */
export interface BatchSettings {
  readonly region: string;
  /** The name of this installation, which distinguishes its jobs from those of others in the same queue. */
  readonly installation: string;
  /** Name or ARN of a queue on Fargate. */
  readonly jobQueue: string;
  /** Name, `name:revision` or ARN of the definition that runs the runner. */
  readonly jobDefinition: string;
  /** Without a job role, for untrusted code: SubmitJob cannot remove a role. */
  readonly untrustedJobDefinition?: string;
  /** Job definitions with the roles of single projects, by project ID. */
  readonly projectJobDefinitions?: ReadonlyMap<string, string>;
  /** The log group of the job definition. */
  readonly logGroup: string;
  /** The bucket of the reports, which jobs see as `S3_BUCKET_NAME`. */
  readonly bucket?: string;
  /** Whether the compute environment of the queue uses Spot, for the cost estimate. */
  readonly spot: boolean;
}

export const batchDefaults = {
  // https://docs.aws.amazon.com/batch/latest/userguide/using_awslogs.html
  logGroup: '/aws/batch/job',
  spot: false,
} as const satisfies Partial<BatchSettings>;
