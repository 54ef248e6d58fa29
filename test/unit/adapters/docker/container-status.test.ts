import { describe, expect, it } from '@jest/globals';
import type { ContainerInspectInfo } from 'dockerode';
import { containerStatus } from '../../../../app/adapters/docker/container-status.ts';

const arn = 'docker:01RUN-1';
const stop = { at: new Date('2030-01-01T00:01:00Z'), reason: 'Workflow cancelled by API request.' };

/** The fields of an engine's answer that Berth reads. */
function container(state: Partial<ContainerInspectInfo['State']>) {
  return {
    Created: '2030-01-01T00:00:00.123456789Z',
    HostConfig: { Memory: 512 * 1024 * 1024 },
    State: {
      Status: 'running',
      Running: true,
      Paused: false,
      Restarting: false,
      OOMKilled: false,
      Dead: false,
      Pid: 1,
      ExitCode: 0,
      Error: '',
      StartedAt: '2030-01-01T00:00:01Z',
      FinishedAt: '0001-01-01T00:00:00Z',
      ...state,
    },
  };
}
const exited = (ExitCode: number, more: Partial<ContainerInspectInfo['State']> = {}) =>
  container({ Status: 'exited', Running: false, ExitCode, FinishedAt: '2030-01-01T00:02:00Z', ...more });

describe('the status of a container', () => {
  it('is RUNNING while it runs', () => {
    expect(containerStatus(arn, container({}), undefined)).toEqual({
      arn,
      lastStatus: 'RUNNING',
      desiredStatus: 'RUNNING',
      createdAt: new Date('2030-01-01T00:00:00.123Z'),
      startedAt: new Date('2030-01-01T00:00:01Z'),
    });
  });

  it('is STOPPING while it runs after a stop request', () => {
    expect(containerStatus(arn, container({}), stop)).toMatchObject({
      lastStatus: 'STOPPING',
      desiredStatus: 'STOPPED',
      stoppedReason: 'Workflow cancelled by API request.',
    });
  });

  it('is PENDING before it starts, and STOPPED if it will not start', () => {
    const created = container({ Status: 'created', Running: false, StartedAt: '0001-01-01T00:00:00Z' });
    expect(containerStatus(arn, created, undefined)).toMatchObject({ lastStatus: 'PENDING' });
    expect(containerStatus(arn, created, undefined).startedAt).toBeUndefined();
    expect(containerStatus(arn, created, stop)).toMatchObject({ lastStatus: 'STOPPED', stoppedAt: stop.at });
  });

  it('has the exit code and the end time', () => {
    const status = containerStatus(arn, exited(1), undefined);
    expect(status).toMatchObject({
      lastStatus: 'STOPPED',
      desiredStatus: 'STOPPED',
      exitCode: 1,
      stoppedAt: new Date('2030-01-01T00:02:00Z'),
      stoppedReason: 'The runner ended with exit code 1.',
    });
    expect(status.failure).toBeUndefined();
  });

  it('reports that it ran out of memory', () => {
    expect(containerStatus(arn, exited(137, { OOMKilled: true }), undefined).failure).toEqual({
      code: 'out_of_memory',
      message: 'ran out of memory: 512 MiB',
      retryable: false,
    });
  });

  it('does not report memory if the runner survived the kill', () => {
    expect(containerStatus(arn, exited(1, { OOMKilled: true }), undefined).failure).toBeUndefined();
  });

  it.each([137, 143, 255])('reports an interruption if it ended with %i without a request', (code) => {
    expect(containerStatus(arn, exited(code), undefined).failure).toMatchObject({
      code: 'interrupted',
      retryable: true,
    });
    expect(containerStatus(arn, exited(code), stop).failure).toBeUndefined();
  });
});
