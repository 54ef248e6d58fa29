import type { Policy } from '../core/policy.ts';

const common = {
  maxLaunches: 3,
  grantSeconds: 12 * 3600,
  maxArtifactBytes: 512 * 1024 * 1024,
  maxCacheBytes: 2048 * 1024 * 1024,
  cacheDays: 14,
};

/** A server in one process checks often, because a check costs nothing. */
export const embeddedPolicy: Policy = {
  ...common,
  observeEverySeconds: 1,
  waitCheckSeconds: 5,
  ticketSeconds: 120,
  holdCheckSeconds: 15,
  startLimitSeconds: 300,
  overheadSeconds: 600,
  missingGraceSeconds: 5,
  followUpSeconds: 3,
  branchCheckSeconds: 45,
  stopLimitSeconds: 60,
  maintenanceSeconds: 30,
  diskGib: 20,
};

/** Tasks on AWS start and stop in minutes. */
const awsTasks = {
  maxTaskCpuUnits: 400 * 1024,
  startLimitSeconds: 900,
  overheadSeconds: 900,
  missingGraceSeconds: 120,
  stopLimitSeconds: 180,
  // A search lists every task, in six or more calls; an orphan costs cents in its twenty minutes.
  maintenanceSeconds: 600,
};

/** Events from AWS report when a task changes, so checks by the clock are rare. */
export const awsPolicy: Policy = {
  ...common,
  ...awsTasks,
  observeEverySeconds: 300,
  waitCheckSeconds: 60,
  ticketSeconds: 600,
  holdCheckSeconds: 300,
  followUpSeconds: 30,
  branchCheckSeconds: 600,
};

const { diskGib: _, ...embedded } = embeddedPolicy;

/** A server whose tasks run on AWS: no events report changes of tasks, and ECS limits the rate of calls. */
export const serverOnAwsPolicy: Policy = { ...embedded, ...awsTasks, observeEverySeconds: 10 };
