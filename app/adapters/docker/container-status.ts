import type { ContainerInspectInfo } from 'dockerode';
import type { TaskStatus } from '../../core/model/task.ts';
import { omitUndefined } from '../../lib/omit-undefined.ts';
import { interruptionOf } from '../local/interruption.ts';
import type { StopRecord } from '../local/stop-record.ts';

/** Translates the state of a container into the terms of ECS. */
export function containerStatus(
  arn: string,
  container: Pick<ContainerInspectInfo, 'Created' | 'State' | 'HostConfig'>,
  stop: StopRecord | undefined,
  options: {
    /** The task is held back until its services are ready. */
    readonly isHeld?: boolean;
  } = {},
): TaskStatus {
  const { State: state } = container;
  const isHeld = options.isHeld === true;
  const startedAt = isHeld ? undefined : engineDate(state.StartedAt);
  const base = omitUndefined({
    arn,
    desiredStatus: stop === undefined ? ('RUNNING' as const) : ('STOPPED' as const),
    createdAt: new Date(container.Created),
    startedAt,
    stoppedReason: stop === undefined ? undefined : stop.reason,
  });
  switch (state.Status) {
    case 'created':
      // A container whose stop was requested before its start never starts.
      if (stop === undefined) return { ...base, lastStatus: 'PENDING' };
      return { ...base, lastStatus: 'STOPPED', stoppedAt: stop.at };
    case 'exited':
    case 'dead':
    case 'removing':
      return { ...base, ...endOf(container, stop), lastStatus: 'STOPPED', desiredStatus: 'STOPPED' };
    default:
      if (isHeld && stop === undefined) return { ...base, lastStatus: 'PENDING' };
      return { ...base, lastStatus: stop === undefined ? 'RUNNING' : 'STOPPING' };
  }
}

function endOf(
  { State: state, HostConfig: limits }: Pick<ContainerInspectInfo, 'State' | 'HostConfig'>,
  stop: StopRecord | undefined,
): Pick<TaskStatus, 'exitCode' | 'stoppedAt' | 'stoppedReason' | 'failure'> {
  const stoppedAt = engineDate(state.FinishedAt);
  const failure = failureOf(state, limits.Memory ?? 0, stop);
  const reason = failure?.message ?? `The runner ended with exit code ${state.ExitCode}.`;
  return omitUndefined({
    exitCode: state.ExitCode,
    stoppedAt,
    stoppedReason: stop?.reason ?? reason,
    failure,
  });
}

function failureOf(
  { ExitCode: exitCode, OOMKilled: ranOutOfMemory }: ContainerInspectInfo['State'],
  memoryBytes: number,
  stop: StopRecord | undefined,
): TaskStatus['failure'] {
  // The engine sets the mark for any process of the container. It explains the end only if the runner itself was killed.
  if (ranOutOfMemory && exitCode === 137) {
    const message = `ran out of memory: ${Math.round(memoryBytes / 1024 / 1024)} MiB`;
    return { code: 'out_of_memory', message, retryable: false };
  }
  if (stop?.failure !== undefined) return { code: stop.failure, message: stop.reason, retryable: false };
  if (stop !== undefined) return undefined;
  // The engine reports 255 for a container that it found dead after a restart.
  return interruptionOf(exitCode === 255 ? 137 : exitCode);
}

/** Engines write the year 1 for never. */
export function engineDate(text: string): Date | undefined {
  return text.startsWith('0001-') ? undefined : new Date(text);
}
