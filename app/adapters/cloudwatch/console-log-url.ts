import type { Run } from '../../core/model/run.ts';

/**
 * Returns the address of a log stream in the console, which escapes names twice, with `$` for the second `%`: a `/`
 * becomes `$252F`.
 */
export function consoleLogUrl(log: { group: string; stream: string; region: string }): string {
  const group = escaped(log.group);
  const stream = escaped(log.stream);
  const page = `#logsV2:log-groups/log-group/${group}/log-events/${stream}`;
  return `https://${consoleHost(log.region)}/cloudwatch/home?region=${log.region}${page}`;
}

function escaped(name: string): string {
  return encodeURIComponent(encodeURIComponent(name)).replaceAll('%', '$');
}

/** Each partition of AWS has a separate console. */
function consoleHost(region: string): string {
  if (region.startsWith('cn-')) return `${region}.console.amazonaws.cn`;
  if (region.startsWith('us-gov-')) return `${region}.console.amazonaws-us-gov.com`;
  return `${region}.console.aws.amazon.com`;
}

/** Returns the address of a run's log in the console; undefined if it is not known. */
export function consoleUrlOf({ taskStatus }: Pick<Run, 'taskStatus'>): string | undefined {
  return taskStatus?.log === undefined ? undefined : consoleLogUrl(taskStatus.log);
}
