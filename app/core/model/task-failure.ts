import { cutText } from '../../lib/cut-text.ts';
import type { TaskStatus } from './task.ts';

/** AWS's reasons for the end of a task. */
export interface StoppedTask {
  readonly stopCode?: string;
  readonly stoppedReason?: string;
  /** The reason of the runner's container. */
  readonly containerReason?: string;
  readonly memoryMib?: number;
}

/** Explains AWS's reasons: what happened, and what to do. */
export interface Explanation {
  readonly kind: 'image' | 'capacity' | 'quota' | 'network' | 'permission' | 'settings' | 'aws';
  readonly message: string;
  /** The same request may succeed later. */
  readonly retryable: boolean;
}

interface Rule extends Omit<Explanation, 'retryable'> {
  readonly retryable?: true;
  /** Every pattern must match. */
  readonly when: readonly RegExp[];
}

const pulling = /CannotPull\w*Error/;
const preparing = /ResourceInitializationError/;

/**
 * The first matching rule applies, so special ones come before general ones. The texts are those of
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html and of
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/api_failures_messages.html
 */
const rules: readonly Rule[] = [
  {
    when: [/capacity is unavailable|insufficient capacity|no capacity|RESOURCE:(?!ENI)/i],
    kind: 'capacity',
    message:
      'AWS has no Fargate capacity for this task at the moment. Try again later, offer subnets in more availability ' +
      'zones, or ask for another size of CPU and memory.',
    retryable: true,
  },
  {
    when: [/reached the limit on the number of|quota|limit exceeded for resource/i],
    kind: 'quota',
    message:
      "The account's quota of Fargate vCPUs or tasks is used up. Wait for other tasks to end, or ask for more under " +
      'Service Quotas, AWS Fargate.',
    retryable: true,
  },
  {
    when: [/InsufficientFreeAddresses|free (private )?(ip )?addresses/i],
    kind: 'network',
    message: 'A subnet has no free IP address left. Give the tasks larger subnets, or more of them.',
    retryable: true,
  },
  {
    when: [pulling, /toomanyrequests|\b429\b|pull rate limit/i],
    kind: 'image',
    message:
      'The registry refused the image because too many were pulled. Use a pull-through cache or a copy in ' +
      'ECR, or sign in to the registry (`repositoryCredentials` of the task definition).',
    retryable: true,
  },
  {
    when: [/descriptor matching platform|no match for platform|image operating system|exec format error/i],
    kind: 'image',
    message:
      'The image is not built for the processor of the task. Build it for the `cpuArchitecture` of the task ' +
      'definition, or for both: `docker buildx build --platform linux/amd64,linux/arm64`.',
  },
  {
    when: [pulling, /no space left/i],
    kind: 'image',
    message:
      "The image does not fit on the task's disk. Give the suite more `disk`, or make the image smaller.",
  },
  {
    when: [pulling, /\b403\b|denied|unauthorized|not authorized|no basic auth|authorization/i],
    kind: 'permission',
    message:
      'The task does not have permission to pull its image. Give the execution role of the task definition ecr:GetAuthorizationToken, ' +
      "ecr:BatchGetImage and ecr:GetDownloadUrlForLayer, and check the repository's policy.",
  },
  {
    when: [pulling, /not found|manifest unknown|does not exist|\b404\b/i],
    kind: 'image',
    message: 'The image does not exist. Correct its name and tag, or push it.',
  },
  {
    when: [pulling, /timeout|deadline|canceled|refused|no such host|dial tcp|tls handshake|EOF|reset/i],
    kind: 'network',
    message:
      "The task cannot reach the image's registry. Give its subnets internet access (a NAT gateway, or a public IP in a " +
      'subnet with an internet gateway) or the endpoints ecr.api, ecr.dkr and s3, and let its security group out on 443.',
  },
  {
    when: [pulling],
    kind: 'image',
    message:
      'The image could not be pulled. Check its name, the execution role, and the network between the subnets and the registry.',
  },
  {
    when: [preparing, /AccessDenied|not authorized|KMS/i],
    kind: 'permission',
    message:
      'The execution role of the task definition lacks a permission that the task needs to start. Grant what AWS ' +
      'names: reading the secrets, using their KMS key, writing the log.',
  },
  {
    when: [preparing, /log (group|stream)|logger|logging driver|Cloudwatch/i],
    kind: 'settings',
    message:
      'The log of the task could not be opened. Create the log group that the task definition names, and let the ' +
      'execution role and the subnets reach CloudWatch Logs.',
  },
  {
    when: [
      preparing,
      /ResourceNotFoundException|ParameterNotFound|invalid ssm parameters|can't find the specified secret/i,
    ],
    kind: 'settings',
    message:
      'A secret or parameter that the task definition names does not exist. Create it, or correct the reference.',
  },
  {
    when: [
      preparing,
      /context deadline|i\/o timeout|RequestCanceled|connection issue|network configuration|dial tcp|registry auth/i,
    ],
    kind: 'network',
    message:
      'The task cannot reach the AWS services that it needs to start. Give its subnets internet access, or the endpoints ' +
      'ecr.api, ecr.dkr, s3, logs, and secretsmanager or ssm; let its security group out on 443; turn on DNS in the VPC.',
  },
  {
    when: [
      /Timeout waiting for [\w ]+provisioning|failed to configure ENI|netplugin|RESOURCE:ENI|network interface/i,
    ],
    kind: 'network',
    message:
      'AWS could not give the task its network interface or disk in time. Such failures are temporary.',
    retryable: true,
  },
  {
    when: [/unable to assume the role|AssumeRole|PassRole/i],
    kind: 'permission',
    message:
      'ECS cannot assume a role of the task. The role must trust ecs-tasks.amazonaws.com, and Berth needs iam:PassRole ' +
      'for it.',
  },
  {
    when: [/subnet|security ?group/i],
    kind: 'network',
    message:
      'A subnet or security group of the task does not exist or does not fit the others. Check their tags or IDs.',
  },
  {
    when: [/No Fargate configuration exists/i],
    kind: 'settings',
    message: 'Fargate has no tasks with this CPU and memory. Choose another `cpu` and `memory`.',
  },
  {
    when: [/TaskDefinition (is inactive|not found)|Unable to describe task definition/i],
    kind: 'settings',
    message: 'The task definition does not exist or was deregistered. Correct ECS_TASK_DEFINITION_ARN.',
  },
  {
    when: [/executable file not found|no such file or directory|permission denied/i],
    kind: 'image',
    message:
      "The image lacks the runner's program, or it cannot be executed. Build the image from Berth's runner image.",
  },
  {
    when: [/ContainerRuntime(Timeout)?Error|DockerTimeoutError|InternalError/],
    kind: 'aws',
    message:
      "Something failed on AWS's side while the container was started or stopped. Such failures are temporary.",
    retryable: true,
  },
];

/** Images, ARNs, addresses, and account IDs, which do not describe what happened. */
const names =
  /arn:aws[\w-]*:\S+|https?:\/\/\S+|\b[\w-]+(?:\.[\w-]+)+(?::\d+)?\/[\w./:@+-]+|\b\d{12}\b|\bi-[0-9a-f]{8,}\b|sha256:[0-9a-f]+/g;

/** An engine quotes names from settings, and the pattern is slow for long words. */
const longestReason = 2_000;

function withoutNames(reason: string): string {
  return reason.slice(0, longestReason).replace(names, 'name');
}

/** @returns undefined if Berth does not know the text. */
export function explainReason(reason: string): Explanation | undefined {
  const text = withoutNames(reason);
  const rule = rules.find(({ when }) => when.every((pattern) => pattern.test(text)));
  return (
    rule && {
      kind: rule.kind,
      message: `${rule.message} AWS said: ${cutText(reason, 500)}`,
      retryable: rule.retryable === true,
    }
  );
}

/**
 * Explains why the infrastructure ended a task.
 *
 * @returns undefined otherwise: the program ended by itself, or a person or Berth stopped it.
 */
export function explainStop(task: StoppedTask): TaskStatus['failure'] {
  const reason = [task.stoppedReason, task.containerReason].filter(Boolean).join(' / ');
  if (/OutOfMemory/.test(reason)) return outOfMemory(task.memoryMib);
  if (task.stopCode === 'UserInitiated') return undefined;
  if (isInterruption(task.stopCode, reason)) return interruption(reason);

  const startedAndEnded = task.stopCode === 'EssentialContainerExited' && !task.containerReason;
  if (startedAndEnded || reason === '') return undefined;
  const explanation = explainReason(reason);
  const failedToStart = task.stopCode === 'TaskFailedToStart';
  if (explanation === undefined && !failedToStart) return undefined;
  return {
    code: 'task_not_started',
    message: explanation?.message ?? `The task could not be started. AWS said: ${cutText(reason, 500)}`,
    retryable: explanation?.retryable ?? false,
  };
}

function isInterruption(stopCode: string | undefined, reason: string): boolean {
  const codes = ['SpotInterruption', 'TerminationNotice', 'InfrastructureHealth'];
  return (
    codes.includes(stopCode ?? '') ||
    /Spot (Task )?was interrupted|SpotInterruption|Host EC2|maintenance/i.test(reason)
  );
}

function interruption(reason: string): NonNullable<TaskStatus['failure']> {
  const spot = /spot/i.test(reason) || reason === '';
  const message = spot
    ? 'AWS reclaimed the Spot capacity of the task while it ran. Berth retries. Run suites that must not be ' +
      'interrupted on demand.'
    : `AWS stopped the task to maintain its machine. Berth retries. AWS said: ${cutText(reason, 500)}`;
  return { code: 'interrupted', message, retryable: true };
}

function outOfMemory(memoryMib: number | undefined): NonNullable<TaskStatus['failure']> {
  const limit = memoryMib === undefined ? 'its limit' : `its ${memoryMib} MiB`;
  const message = `The task used more memory than ${limit}. Give the suite more \`memory\`, or run less in parallel.`;
  return { code: 'out_of_memory', message, retryable: false };
}
