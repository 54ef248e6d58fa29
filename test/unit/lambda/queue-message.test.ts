import { describe, expect, it } from '@jest/globals';
import { parseQueueMessage } from '../../../app/lambda/queue-message.ts';

const event = (source: string, type: string, detail: object) =>
  JSON.stringify({ version: '0', id: 'e1', source, 'detail-type': type, region: 'eu-central-1', detail });
const environment = [
  { name: 'BRANCH', value: 'main' },
  { name: 'RUN_ID', value: '01RUN' },
];

describe('a message of the queue', () => {
  it('of Berth itself names a run or a delivery', () => {
    expect(parseQueueMessage('{"kind":"run","runId":"01RUN"}')).toEqual({ kind: 'run', runId: '01RUN' });
    expect(parseQueueMessage('{"kind":"delivery","id":"d1"}')).toEqual({ kind: 'delivery', id: 'd1' });
  });

  it('of ECS names the run of the task', () => {
    const detail = {
      lastStatus: 'RUNNING',
      overrides: { containerOverrides: [{ name: 'sidecar' }, { environment }] },
    };
    expect(parseQueueMessage(event('aws.ecs', 'ECS Task State Change', detail))).toEqual({
      kind: 'task',
      runId: '01RUN',
      detail,
    });
  });

  it('of Batch names the run of the job', () => {
    const detail = { status: 'FAILED', container: { environment } };
    expect(parseQueueMessage(event('aws.batch', 'Batch Job State Change', detail))).toMatchObject({
      kind: 'task',
      runId: '01RUN',
    });
  });

  it.each([
    [
      'aws.ecs',
      'ECS Task State Change',
      { lastStatus: 'PENDING', overrides: { containerOverrides: [{ environment }] } },
    ],
    [
      'aws.ecs',
      'ECS Task State Change',
      { lastStatus: 'DEPROVISIONING', overrides: { containerOverrides: [{ environment }] } },
    ],
    ['aws.batch', 'Batch Job State Change', { status: 'RUNNABLE', container: { environment } }],
  ])('of %s about a state on the way requests nothing', (source, type, detail) => {
    expect(parseQueueMessage(event(source, type, detail))).toEqual({
      kind: 'nothing',
      why: 'the task is on its way',
    });
  });

  it('of others in the cluster requests nothing', () => {
    const detail = { overrides: { containerOverrides: [{ name: 'web' }] } };
    expect(parseQueueMessage(event('aws.ecs', 'ECS Task State Change', detail))).toEqual({
      kind: 'nothing',
      why: 'the task is not of Berth',
    });
  });

  it('requests a run with the ID of the event', () => {
    const detail = { project: 'shop', branch: 'main' };
    expect(parseQueueMessage(event('berth.trigger', 'RunRequested', detail))).toEqual({
      kind: 'start',
      eventId: 'e1',
      request: detail,
    });
  });

  it('of the older batch runner requests an event-driven run', () => {
    const wanted = event('workflowDispatch', 'eventDrivenTest', { runId: 'runId-test123' });
    expect(parseQueueMessage(wanted)).toEqual({ kind: 'event-driven', runId: 'runId-test123' });
    const bent = event('workflowDispatch', 'eventDrivenTest', { runId: 'runId-../x' });
    expect(parseQueueMessage(bent)).toMatchObject({ kind: 'nothing' });
  });

  it.each(['5', '{}', event('aws.s3', 'Object Created', {})])('%s requests nothing', (body) => {
    expect(parseQueueMessage(body)).toMatchObject({ kind: 'nothing' });
  });

  it('that is not JSON fails, and goes to the dead-letter queue', () => {
    expect(() => parseQueueMessage('not JSON')).toThrow(SyntaxError);
  });
});
