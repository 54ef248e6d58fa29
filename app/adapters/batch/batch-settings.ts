/** Where and how jobs run on AWS Batch. */
export interface BatchSettings {
  readonly region: string;
  /** A name of this Berth, by which it knows its jobs among those of another in the same queue. */
  readonly installation: string;
  /** Name or ARN of a queue on Fargate. */
  readonly jobQueue: string;
  /** Name, `name:revision` or ARN of the definition that runs the runner. */
  readonly jobDefinition: string;
  /** Without a job role, for code that is not trusted: SubmitJob cannot take a role away. */
  readonly untrustedJobDefinition?: string;
  /** Job definitions with the roles of single projects, by the id of the project. */
  readonly projectJobDefinitions?: ReadonlyMap<string, string>;
  /** Where the job definition's log goes. */
  readonly logGroup: string;
  /** The bucket of the reports, which jobs see as `S3_BUCKET_NAME`. */
  readonly bucket?: string;
  /** Whether the queue's compute environment is of Spot, for the estimate of the cost. */
  readonly spot: boolean;
}

export const batchDefaults = {
  // https://docs.aws.amazon.com/batch/latest/userguide/using_awslogs.html
  logGroup: '/aws/batch/job',
  spot: false,
} as const satisfies Partial<BatchSettings>;
