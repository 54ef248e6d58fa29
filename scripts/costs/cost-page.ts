import { fargatePrices } from '../../app/core/model/fargate-prices.ts';
import { betweenMarks } from '../between-marks.ts';
import {
  type CostLine,
  calls,
  controlPlaneCost,
  idleCost,
  monthlyCost,
  type Network,
  networkIdleCost,
  networks,
  sum,
  task,
  taskCost,
  usual,
} from './monthly-cost.ts';
import { servicePrices } from './service-prices.ts';

const runsPerMonth = [10, 100, 1_000, 10_000];
const marks = ['<!-- costs: begin -->', '<!-- costs: end -->'] as const;

/** Returns a page with all figures between its marks. */
export function withCosts(text: string): string {
  return betweenMarks(text, marks, figures());
}

function figures(): string {
  return [
    `## Monthly cost\n\nTotal in US dollars by the number of runs a month. A run uses ${task.cpuUnits / 1024} vCPU and ${task.memoryMib / 1024} GB on x86 for ${usual.taskSeconds / 60} minutes in ${task.region}, downloads ${usual.fetchedMb} MB, writes ${usual.logMb} MB of logs, and stores ${usual.objectsMb} MB of results.`,
    months(),
    `The same on ARM and on Spot, where tasks cost ${percent(fargatePrices.spotShare)} of the on-demand price:`,
    table(
      ['tasks in public subnets', ...runsPerMonth.map(count)],
      [
        ['ARM', ...monthlyCosts('public', { architecture: 'ARM64' })],
        ['Spot', ...monthlyCosts('public', { spot: true })],
        ['ARM and Spot', ...monthlyCosts('public', { architecture: 'ARM64', spot: true })],
      ],
    ),
    '## Idle cost\n\nThe monthly cost of `terraform/examples/minimal` without runs: tasks in public subnets without inbound access, gateway endpoints for S3 and DynamoDB, everything on demand.',
    lines(idleCost(), dollars),
    `This is less than a dollar without free tiers. With the permanent free tiers of SQS, Lambda, CloudWatch alarms, and EventBridge schedules, only the image costs money. The GitHub App's credentials are free in SSM and cost ${dollars(servicePrices.secretMonth.usd)} in Secrets Manager. Options add: ${networks
      .filter((network) => network !== 'public')
      .map((network) => `${network} ${dollars(networkIdleCost(network))}`)
      .join(', ')}; a customer managed KMS key ${dollars(servicePrices.kmsKeyMonth.usd)}.`,
    '## Cost of a thousand runs\n\nThe control plane, which is Berth itself:',
    lines(
      controlPlaneCost().map(({ what, usd }) => ({ what, usd: usd * 1000 })),
      cents,
    ),
    `For each run, this includes ${calls.writeUnits} write units and ${calls.readUnits} read units of the table, ${calls.httpRequests} requests from GitHub, ${calls.messages} messages, ${calls.events} events, ${calls.puts} objects written, and ${calls.gets} objects read. [benchmarks.md](benchmarks.md#calls-to-aws) counts the calls. The tasks:`,
    lines(
      taskCost('public').map(({ what, usd }) => ({ what, usd: usd * 1000 })),
      cents,
    ),
    `## Price sources\n\nTasks: [${fargatePrices.source}](${fargatePrices.source}), as of ${fargatePrices.asOf}, in \`app/core/model/fargate-prices.ts\`: Berth also estimates \`cost_usd\` of each run with these prices. Everything else, as of ${servicePrices.asOf}, in \`scripts/costs/service-prices.ts\`:`,
    ...[...new Set(sources())].map((source) => `- ${source}`),
  ]
    .join('\n\n')
    .replace(/\n\n- /g, '\n- ')
    .replace(':\n- ', ':\n\n- ');
}

function months(): string {
  const rows = networks.map((network) => [network, ...monthlyCosts(network)]);
  return table(['egress of the tasks', ...runsPerMonth.map(count)], rows);
}

function monthlyCosts(network: Network, change: Parameters<typeof monthlyCost>[2] = {}): string[] {
  return runsPerMonth.map((runs) => dollars(monthlyCost(runs, network, change)));
}

function lines(costs: readonly CostLine[], text: (usd: number) => string): string {
  const rows = costs.map(({ what, usd }) => [what, text(usd)]);
  return table(['', 'US dollars'], [...rows, ['**total**', `**${text(sum(costs))}**`]]);
}

function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const rule = headings.map((_, column) => (column === 0 ? '---' : '---:'));
  return [line(headings), line(rule), ...rows.map(line)].join('\n');
}

function* sources(): Generator<string> {
  for (const price of Object.values(servicePrices)) if (typeof price === 'object') yield price.source;
}

const count = (runs: number): string => `${runs.toLocaleString('en-US')} runs`;
const dollars = (usd: number): string => usd.toFixed(2);
const cents = (usd: number): string => usd.toFixed(3);
const percent = (share: number): string => `${Math.round(share * 100)}%`;
