import { describe, expect, it } from '@jest/globals';
import { statusOfTaskEvent } from '../../../../app/adapters/fargate/task-event.ts';
import { settings } from './recorded-ecs.ts';

/** Documented at https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_task_events.html */
const detail = {
  attachments: [{ id: '1', type: 'eni', status: 'ATTACHED', details: [] }],
  attributes: [{ name: 'ecs.cpu-architecture', value: 'arm64' }],
  availabilityZone: 'eu-central-1b',
  capacityProviderName: 'FARGATE',
  clusterArn: 'arn:aws:ecs:eu-central-1:123456789012:cluster/berth',
  connectivity: 'CONNECTED',
  containers: [{ containerArn: 'arn', exitCode: 1, lastStatus: 'STOPPED', name: 'runner', image: 'berth:1' }],
  cpu: '512',
  createdAt: '2026-11-02T10:00:00.123Z',
  desiredStatus: 'STOPPED',
  ephemeralStorage: { sizeInGiB: 20 },
  lastStatus: 'STOPPED',
  launchType: 'FARGATE',
  memory: '1024',
  overrides: { containerOverrides: [{ name: 'runner' }] },
  startedAt: '2026-11-02T10:00:30.5Z',
  startedBy: '01RUN',
  stopCode: 'EssentialContainerExited',
  stoppedAt: '2026-11-02T10:02:00Z',
  stoppedReason: 'Essential container in task exited',
  taskArn: 'arn:aws:ecs:eu-central-1:123456789012:task/berth/0123',
  taskDefinitionArn: 'arn:aws:ecs:eu-central-1:123456789012:task-definition/berth-runner:3',
  updatedAt: '2026-11-02T10:02:01Z',
  version: 5,
};

describe('a task event', () => {
  it('contains what ECS would return', () => {
    expect(statusOfTaskEvent(detail, settings)).toEqual({
      arn: detail.taskArn,
      lastStatus: 'STOPPED',
      desiredStatus: 'STOPPED',
      createdAt: new Date('2026-11-02T10:00:00.123Z'),
      startedAt: new Date('2026-11-02T10:00:30.500Z'),
      stoppedAt: new Date('2026-11-02T10:02:00Z'),
      stoppedReason: 'Essential container in task exited',
      exitCode: 1,
      log: { group: '/berth/runs', stream: 'run/runner/0123', region: 'eu-central-1' },
      resources: {
        cpuUnits: 512,
        memoryMib: 1024,
        storageGib: 20,
        architecture: 'ARM64',
        spot: false,
        region: 'eu-central-1',
      },
    });
  });

  it('is ignored if it or the settings lack data', () => {
    expect(statusOfTaskEvent({ taskArn: 'arn' }, settings)).toBeUndefined();
    expect(statusOfTaskEvent(detail, { region: 'eu-central-1' })).toBeUndefined();
  });
});
