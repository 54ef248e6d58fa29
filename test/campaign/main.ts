import { buildBerthProcess } from '../helpers/crashing-berth.ts';
import { option, options } from './options.ts';
import { type CampaignResult, runCampaign } from './run-campaign.ts';

/**
 * A model test of the whole system: the real server, real processes, and a separate GitHub over HTTP. A seeded schedule
 * of pushes, pull requests, comments, REST calls, kills and outages; then quiet; then the invariants. A server that does not
 * start again is a violation.
 *
 * `npm run campaign -- --minutes 60 --seed 7`, or `--seed 7,8,9` for one campaign after the other, each of that many minutes.
 * More: `--stacks 3 --branches 8 --suites 2 --pace 450` (milliseconds between two actions), `--kills 1` (their weight; 0 for
 * none, to watch the memory of one process: `--growth 5`, the MiB in 1,000 runs above which it leaks), `--backlog 60` (active runs above which the schedule waits), `--sleep 0.7`
 * (seconds of each command), `--quiet 600`, `--runs 10000` (ends the schedule earlier), `--retention 10` (minutes that ended runs are kept),
 * `--deploy 1` (deploys and tears down).
 */
const seeds = options('seed', [7]);
const settings = {
  seconds: option('minutes', 1) * 60,
  stacks: option('stacks', 3),
  branches: option('branches', 8),
  suites: option('suites', 2),
  pace: option('pace', 450),
  kills: option('kills', 1),
  backlog: option('backlog', 60),
  sleepSeconds: option('sleep', 0.7),
  growthMib: option('growth', 5),
  quietSeconds: option('quiet', 600),
  mostRuns: option('runs', Number.MAX_SAFE_INTEGER),
  retentionMinutes: option('retention', 0),
  deploys: option('deploy', 0) > 0,
};
const print = (text: string): void => void process.stdout.write(`${text}\n`);

await buildBerthProcess();
const results: CampaignResult[] = [];
for (const seed of seeds) results.push(await runCampaign(seed, settings, print));
const failed = results.filter(({ found }) => Object.keys(found).length > 0);
const sum = (of: 'runs' | 'serverKills'): number => results.reduce((total, one) => total + one[of], 0);
if (seeds.length > 1)
  print(
    `in all: ${sum('runs')} runs, ${sum('serverKills')} server kills, ${failed.length} of ${seeds.length} seeds with violations`,
  );
process.exitCode = failed.length === 0 ? 0 : 1;
