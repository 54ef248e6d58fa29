import { fileLogs } from '../adapters/files/file-logs.ts';
import { systemClock } from '../adapters/system/system-clock.ts';
import { systemIds } from '../adapters/system/system-ids.ts';
import type { Run } from '../core/model/run.ts';
import type { Logs } from '../ports/logs.ts';
import { lazyLogs } from './aws/aws-lazy.ts';
import type { Config } from './config/config.ts';

/**
 * Creates the logs of a server: those of tasks on AWS are in CloudWatch, all others in files. The run says where its own
 * log is, so that the logs of older runs stay readable after a change of the executor.
 */
export function serverLogs({ dataDir, aws }: Pick<Config, 'dataDir' | 'aws'>): Logs {
  const files = fileLogs({ dataDir });
  if (aws === undefined) return files;
  const cloud = lazyLogs({ region: aws.region, random: () => systemIds.random() }, systemClock);
  const runsOnAws = aws.ecs !== undefined || aws.batch !== undefined;
  const logsOf = (run: Run): Logs => {
    const executor = run.task?.executor;
    const isOnAws = executor === undefined ? runsOnAws : executor === 'fargate' || executor === 'batch';
    return isOnAws ? cloud : files;
  };
  return {
    read: (run, cursor, limit) => logsOf(run).read(run, cursor, limit),
    consoleUrl: (run) => logsOf(run).consoleUrl(run),
  };
}
