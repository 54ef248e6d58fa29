import { describe, expect, it } from '@jest/globals';
import { explainReason, explainStop } from '../../../../app/core/model/task-failure.ts';

const pull = (what: string) =>
  `CannotPullContainerError: pull image manifest has been retried 5 time(s): failed to resolve ref registry.example/app:1: ${what}`;
const secrets = (what: string) =>
  `ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: ${what}`;

/** Texts that AWS gives, from its guide and from reports of those who met them. */
const texts: readonly [text: string, kind: string, retryable: boolean, advice: string][] = [
  [pull('registry.example/app:1: not found'), 'image', false, 'The image does not exist.'],
  [
    pull('unexpected status code: 429 Too Many Requests - toomanyrequests'),
    'image',
    true,
    'pull-through cache',
  ],
  [
    pull('pulling from host failed with status code: 403 Forbidden'),
    'permission',
    false,
    'ecr:BatchGetImage',
  ],
  [pull('dial tcp 10.0.0.1:443: i/o timeout'), 'network', false, 'ecr.dkr'],
  [
    "CannotPullContainerError: image Manifest does not contain descriptor matching platform 'linux/arm64'",
    'image',
    false,
    'buildx',
  ],
  ['CannotPullContainerError: write /var/lib/x: no space left on device', 'image', false, '`disk`'],
  [
    'CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref 429123456789.dkr.ecr.eu-west-1.amazonaws.com/acme/timeout-403:429: 429123456789.dkr.ecr.eu-west-1.amazonaws.com/acme/timeout-403:429: not found',
    'image',
    false,
    'The image does not exist.',
  ],
  [
    'CannotPullContainerError: failed to resolve ref registry.example/quota/denied:404: dial tcp: lookup registry.example: no such host',
    'network',
    false,
    'ecr.dkr',
  ],
  ['CannotPullContainerError: something new', 'image', false, 'could not be pulled'],
  [
    secrets(
      'unable to retrieve secret from asm: service call has been retried 5 time(s): failed to fetch secret arn:aws:secretsmanager:us-west-2:1:secret:a from secrets manager: RequestCanceled: request context canceled caused by: context deadline exceeded. Please check your task network configuration.',
    ),
    'network',
    false,
    'secretsmanager',
  ],
  [
    secrets(
      'unable to retrieve secrets from ssm: service call has been retried 1 time(s): AccessDeniedException: User is not authorized',
    ),
    'permission',
    false,
    'execution role',
  ],
  [
    secrets(
      "unable to retrieve secret from asm: service call has been retried 1 time(s): ResourceNotFoundException: Secrets Manager can't find the specified secret.",
    ),
    'settings',
    false,
    'does not exist',
  ],
  [
    'ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times: failed to create Cloudwatch log stream: ResourceNotFoundException: The specified log group does not exist.',
    'settings',
    false,
    'log group',
  ],
  ['Timeout waiting for network interface provisioning to complete.', 'network', true, 'temporary'],
  ['Timeout waiting for EphemeralStorage provisioning to complete.', 'network', true, 'temporary'],
  [
    'Unexpected EC2 error while attempting to Create Network Interface with public IP assignment disabled in subnet subnet-1: InsufficientFreeAddressesInSubnet',
    'network',
    true,
    'no free IP address',
  ],
  [
    'Capacity is unavailable at this time. Please try again later or in a different availability zone',
    'capacity',
    true,
    'no Fargate capacity',
  ],
  [
    "You've reached the limit on the number of vCPUs you can run concurrently",
    'quota',
    true,
    'Service Quotas',
  ],
  [
    'ClientException: ECS was unable to assume the role arn:aws:iam::1:role/x that was provided for this task.',
    'permission',
    false,
    'iam:PassRole',
  ],
  ["InvalidParameterException: The subnet ID 'subnet-9' does not exist", 'network', false, 'subnet'],
  ['ClientException: TaskDefinition is inactive', 'settings', false, 'ECS_TASK_DEFINITION_ARN'],
  [
    'CannotStartContainerError: ResourceInitializationError: failed to create new container runtime task: exec: "berth": executable file not found in $PATH',
    'image',
    false,
    "runner's program",
  ],
  [
    'ContainerRuntimeTimeoutError: Could not transition to running; timed out after waiting 1m',
    'aws',
    true,
    'temporary',
  ],
];

describe('a reason that AWS gives', () => {
  it.each(texts)('%s', (text, kind, retryable, advice) => {
    const explanation = explainReason(text);
    expect(explanation).toMatchObject({ kind, retryable });
    expect(explanation?.message).toContain(advice);
    expect(explanation?.message).toContain(`AWS said: ${text.slice(0, 400)}`);
  });

  it('is not guessed if it is unknown', () => {
    expect(explainReason('Workflow cancelled by API request.')).toBeUndefined();
    expect(explainReason('The task did not start in time.')).toBeUndefined();
  });
});

describe('a stopped task', () => {
  it('that ended by itself has no failure', () => {
    const stoppedReason = 'Essential container in task exited';
    expect(explainStop({ stopCode: 'EssentialContainerExited', stoppedReason })).toBeUndefined();
  });

  it('that a user stopped has no failure, whatever the reason', () => {
    const stoppedReason = 'Capacity is unavailable at this time';
    expect(explainStop({ stopCode: 'UserInitiated', stoppedReason })).toBeUndefined();
  });

  it('without a reason has no failure', () => {
    expect(explainStop({})).toBeUndefined();
  });

  it('that used too much memory reports its limit', () => {
    const failure = explainStop({
      stopCode: 'EssentialContainerExited',
      stoppedReason: 'Essential container in task exited',
      containerReason: 'OutOfMemoryError: Container killed due to memory usage',
      memoryMib: 2048,
    });
    expect(failure).toMatchObject({ code: 'out_of_memory', retryable: false });
    expect(failure?.message).toContain('its 2048 MiB');
  });

  it.each([
    ['SpotInterruption', 'Your Spot Task was interrupted.', 'Spot capacity'],
    ['TerminationNotice', undefined, 'Spot capacity'],
    [
      'ServiceSchedulerInitiated',
      'ECS is performing maintenance on the underlying infrastructure hosting the task.',
      'maintain',
    ],
  ])('by %s was interrupted, and is retried', (stopCode, stoppedReason, words) => {
    const failure = explainStop({ stopCode, ...(stoppedReason === undefined ? {} : { stoppedReason }) });
    expect(failure).toMatchObject({ code: 'interrupted', retryable: true });
    expect(failure?.message).toContain(words);
  });

  it('that never started reports the reason and what to do', () => {
    const failure = explainStop({ stopCode: 'TaskFailedToStart', stoppedReason: pull('app:1: not found') });
    expect(failure).toMatchObject({ code: 'task_not_started', retryable: false });
    expect(failure?.message).toMatch(
      /^The image does not exist\. Correct its name and tag, or push it\. AWS said: /,
    );
  });

  it('that never started for an unknown reason reports that reason', () => {
    const failure = explainStop({
      stopCode: 'TaskFailedToStart',
      stoppedReason: 'NewError: the moon is full',
    });
    expect(failure?.message).toBe('The task could not be started. AWS said: NewError: the moon is full');
  });
});
