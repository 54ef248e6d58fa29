import { estimateRunCost, type PaidResources } from '../../app/core/model/cost.ts';
import { servicePrices as prices } from './service-prices.ts';

const hoursOfMonth = 730;
const zones = 2;

/** The task of a run: the defaults of the Terraform module, and the minutes that AWS charges. */
export const task: PaidResources = {
  cpuUnits: 512,
  memoryMib: 1024,
  architecture: 'X86_64',
  spot: false,
  region: prices.region,
};
export const usual = {
  /** The time from the image pull until the task stops. The tests take five minutes of it. */
  taskSeconds: 360,
  logMb: 1,
  /** A report and the results, kept for a month. */
  objectsMb: 2,
  /** Downloads from outside AWS: the source, packages. */
  fetchedMb: 300,
  imageGb: 0.3,
} as const;

/** The control plane usage of a run: `test/system/aws/whole-flow.test.ts` counts the calls; docs/benchmarks.md lists them. */
export const calls = {
  /**
   * 48 write and 5 read units by DynamoDB Local's count, which includes the entries of indexes, both of a changed key;
   * 3 read units for each of two more events of GitHub; 5 and 1 for the look at a run of more than five minutes.
   */
  writeUnits: 53,
  readUnits: 12,
  /** Three GitHub events that Berth processes and three that it ignores, with a response each. */
  httpRequests: 6,
  /** Messages: these three events, and two task states. Each is sent, received, and deleted. */
  messages: 5,
  /** `StackHeld`, `RunStarted`, `RunFinished`. */
  events: 3,
  /** The job, progress, the results, the test list, the report. */
  puts: 5,
  gets: 3,
  /**
   * Half a GB for three seconds: 0.35 s of processor time, measured, of which a function of this size has 29 percent,
   * and two seconds of waiting for AWS and GitHub, estimated.
   */
  functionGbSeconds: 3 * 0.5,
} as const;

/** Work without runs: a sweep every minute, and a check for missed events every ten minutes. */
const sweeps = hoursOfMonth * 60;
const catchUps = hoursOfMonth * 6;
const alarmMetrics = 4;
/**
 * Lambda keeps five connections to a queue, each of which asks for 20 seconds:
 * https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html
 */
const polls = hoursOfMonth * 3600 * (5 / 20);

export type Network = 'public' | 'one NAT gateway' | 'a NAT gateway in each zone' | 'interface endpoints';
export const networks: readonly Network[] = [
  'public',
  'one NAT gateway',
  'a NAT gateway in each zone',
  'interface endpoints',
];

export interface CostLine {
  readonly what: string;
  readonly usd: number;
}

/** Returns the monthly cost of the minimal installation without runs. */
export function idleCost(): readonly CostLine[] {
  const looks = sweeps + catchUps;
  return [
    { what: 'Lambda polling the queue', usd: polls * prices.sqsRequest.usd },
    { what: `${alarmMetrics} alarms`, usd: alarmMetrics * prices.alarmMetricMonth.usd },
    {
      what: 'sweep and check for missed events: functions',
      usd:
        looks * prices.lambdaRequest.usd + (sweeps * 0.1 + catchUps * 0.5) * 0.5 * prices.lambdaGbSecond.usd,
    },
    { what: '… schedules', usd: looks * prices.schedulerInvocation.usd },
    { what: '… table reads', usd: sweeps * 2 * prices.dynamoDbReadUnit.usd },
    // The platform writes three lines for each invocation.
    { what: '… function logs', usd: looks * 400e-9 * prices.logsGb.usd },
    { what: 'runner image in ECR', usd: usual.imageGb * prices.imageGbMonth.usd },
  ];
}

/** Returns the monthly cost of a network without runs. */
export function networkIdleCost(network: Network): number {
  switch (network) {
    case 'public':
      return 0;
    case 'one NAT gateway':
      return natMonth;
    case 'a NAT gateway in each zone':
      return zones * natMonth;
    case 'interface endpoints':
      // ecr.api, ecr.dkr, execute-api and logs.
      return 4 * zones * hoursOfMonth * prices.interfaceEndpointHour.usd;
  }
}

/** A NAT gateway and its public address. */
const natMonth = hoursOfMonth * (prices.natGatewayHour.usd + prices.publicAddressHour.usd);

export function controlPlaneCost(): readonly CostLine[] {
  return [
    {
      what: 'DynamoDB',
      usd: calls.writeUnits * prices.dynamoDbWriteUnit.usd + calls.readUnits * prices.dynamoDbReadUnit.usd,
    },
    {
      what: 'Lambda',
      usd:
        (calls.httpRequests + calls.messages) * prices.lambdaRequest.usd +
        calls.functionGbSeconds * prices.lambdaGbSecond.usd,
    },
    { what: 'S3 requests', usd: calls.puts * prices.s3Put.usd + calls.gets * prices.s3Get.usd },
    { what: 'API Gateway', usd: calls.httpRequests * prices.httpApiRequest.usd },
    { what: 'SQS', usd: 3 * calls.messages * prices.sqsRequest.usd },
    { what: 'EventBridge', usd: calls.events * prices.eventBridgeEvent.usd },
  ];
}

/** Returns the cost of a run's task with its logs, its results, and its egress. */
export function taskCost(network: Network, change: Partial<PaidResources> = {}): readonly CostLine[] {
  const compute = estimateRunCost({ ...task, ...change }, usual.taskSeconds);
  if (compute === undefined) throw new Error(`no prices for ${task.region}`);
  return [
    { what: 'Fargate', usd: compute },
    { what: 'logs', usd: (usual.logMb / 1000) * prices.logsGb.usd },
    { what: 'report and results, for a month', usd: (usual.objectsMb / 1000) * prices.s3GbMonth.usd },
    { what: 'egress', usd: wayOut(network) },
  ];
}

function wayOut(network: Network): number {
  switch (network) {
    case 'public':
      return (usual.taskSeconds / 3600) * prices.publicAddressHour.usd;
    case 'one NAT gateway':
    case 'a NAT gateway in each zone':
      // The S3 gateway endpoint serves the image.
      return ((usual.fetchedMb + usual.logMb) / 1000) * prices.natGb.usd;
    case 'interface endpoints':
      // The S3 gateway endpoint serves the source as an archive.
      return (usual.logMb / 1000) * prices.interfaceEndpointGb.usd;
  }
}

export function sum(lines: readonly CostLine[]): number {
  return lines.reduce((total, { usd }) => total + usd, 0);
}

export function monthlyCost(runs: number, network: Network, change: Partial<PaidResources> = {}): number {
  const perRun = sum(taskCost(network, change)) + sum(controlPlaneCost());
  return sum(idleCost()) + networkIdleCost(network) + runs * perRun;
}
