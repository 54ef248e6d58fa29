/** Where and how tasks run on ECS. */
export interface EcsSettings {
  readonly region: string;
  /** The name of this installation, which distinguishes its tasks from those of others in the same cluster. */
  readonly installation: string;
  /** Name or ARN. */
  readonly cluster: string;
  /** Family, `family:revision` or ARN of the definition that runs the runner. */
  readonly taskDefinition: string;
  /** Families that a suite may name as its `image`, in addition to container images. */
  readonly offeredTaskDefinitions: readonly string[];
  /** The runner's container; if omitted, the first essential one of the definition. */
  readonly containerName?: string;
  /** The log of the runner; if omitted, that of the definition. */
  readonly log?: { readonly group: string; readonly streamPrefix: string };
  /** Try Spot first, and run on demand if Spot has no capacity. */
  readonly spot: boolean;
  /** If omitted, found by tags. */
  readonly subnetIds?: readonly string[];
  readonly securityGroupIds?: readonly string[];
  readonly subnetTag: Tag;
  readonly securityGroupTag: Tag;
  /** `auto`: if a subnet routes to an internet gateway. */
  readonly publicIp: 'auto' | 'always' | 'never';
  /** Without permissions, for code that is not trusted. */
  readonly untrustedTaskRoleArn?: string;
  /** Roles of the trusted code of single projects, by the ID of the project. */
  readonly projectTaskRoleArns?: ReadonlyMap<string, string>;
  /** How long a launch is retried while AWS has no capacity, in seconds. */
  readonly patienceSeconds: number;
}

export interface Tag {
  readonly key: string;
  readonly value: string;
}

export const ecsDefaults = {
  offeredTaskDefinitions: [],
  spot: false,
  subnetTag: { key: 'berth:network', value: 'runner' },
  securityGroupTag: { key: 'berth:network', value: 'runner' },
  publicIp: 'auto',
  patienceSeconds: 20,
} as const satisfies Partial<EcsSettings>;
