import { existsSync } from 'node:fs';
import { readGithubCredentials } from '../../adapters/files/github-credentials.ts';
import { systemClock } from '../../adapters/system/system-clock.ts';
import type { Finding } from '../../core/model/app-check.ts';
import { checkExecutor } from '../choose-executor.ts';
import { type Config, githubAppOf } from '../config/config.ts';
import type { ServerAws } from '../config/server-aws.ts';
import { describeExposure, type Exposure, exposureOf } from '../exposure.ts';
import { openObjects } from '../open-objects.ts';
import { openStore } from '../open-store.ts';
import { runCheck } from '../run-check.ts';
import { checkTasksOnAws } from './aws-doctor.ts';
import { checkGithub } from './check-github.ts';

const answerMs = 5_000;

/** Checks everything that Berth depends on, and says what to do about each problem: `berth doctor`. */
export async function runDoctor(config: Config): Promise<readonly Finding[]> {
  const created =
    config.github === undefined ? await readGithubCredentials(config.dataDir, config.dataKey) : undefined;
  const github = githubAppOf(config, created);
  const exposure = exposureOf(config, github !== undefined);
  const url = config.publicUrl ?? `http://${config.host}:${config.port}`;
  return [
    { subject: 'configuration', isWell: true, seen: 'no mistakes' },
    await checkServer(config),
    ...(config.aws === undefined ? [] : await checkStorage(config, config.aws)),
    ...(config.aws?.ecs === undefined && config.aws?.batch === undefined
      ? [await runCheck('executor', () => checkExecutor(config, exposure))]
      : await checkTasksOnAws(config.aws)),
    ...checkIsolation(config, exposure),
    ...(github === undefined ? [withoutGithub()] : await checkGithub(github, url)),
  ];
}

/** Checks what the server stores on AWS. The check of the server covers its files. */
async function checkStorage(config: Config, { table, bucket, region }: ServerAws): Promise<Finding[]> {
  const inTable = async () => {
    await (await openStore(config)).close();
    return `the table ${table} in ${region} can be read`;
  };
  const inBucket = async () => {
    await openObjects(config, { signingKey: Buffer.alloc(0), baseUrl: '', clock: systemClock });
    return `the bucket ${bucket} in ${region} can be used`;
  };
  return [
    ...(table === undefined ? [] : [await runCheck('table', inTable)]),
    ...(bucket === undefined ? [] : [await runCheck('bucket', inBucket)]),
  ];
}

/** Warns about the process executor on a server that others reach: right only if they may use the machine. */
function checkIsolation(config: Config, exposure: Exposure): Finding[] {
  const why = config.executor === 'process' ? describeExposure(exposure) : undefined;
  if (why === undefined) return [];
  return [
    {
      subject: 'isolation',
      isWell: true,
      seen: `tests run as processes of this machine, and ${why}`,
      advice:
        'Use BERTH_EXECUTOR=docker unless every committer may access this machine. See docs/security.md.',
    },
  ];
}

/**
 * A ready server has reached its store and its executor. Without a data directory, this machine has never had a server, and
 * needs none.
 */
async function checkServer({ host, port, dataDir }: Config): Promise<Finding> {
  const subject = 'server';
  const url = `http://${host}:${port}`;
  try {
    const response = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(answerMs) });
    const text = await response.text();
    if (response.ok)
      return { subject, isWell: true, seen: `ready at ${url}: its store and its executor answer` };
    const advice = 'See its log. BERTH_LOG_LEVEL=info shows more.';
    return { subject, isWell: false, seen: `not ready at ${url}: ${text.trim()}`, advice };
  } catch {
    const seen = `no server answers at ${url}`;
    if (!existsSync(dataDir))
      return { subject, isWell: true, seen: `${seen} (optional: \`berth run\` needs none)` };
    const advice = 'Start it with `berth serve`, or set HOST and PORT to its address.';
    return { subject, isWell: false, seen, advice };
  }
}

function withoutGithub(): Finding {
  const advice =
    'Open the setup address that `berth serve` prints, or set APP_ID, PRIVATE_KEY and WEBHOOK_SECRET.';
  // Berth runs without an App: REST, the CLI and the action need none.
  return { subject: 'github', isWell: true, seen: 'no GitHub App is set up (optional)', advice };
}
