const million = 1e6;

/**
 * List prices in US dollars of everything except tasks, in us-east-1, without free tiers, discounts, and taxes. As of
 * April 2026, from these pages or from pages that quote them. `app/core/model/fargate-prices.ts` has the prices of tasks.
 */
export const servicePrices = {
  asOf: '2026-04',
  region: 'us-east-1',
  lambdaRequest: { usd: 0.2 / million, source: 'https://aws.amazon.com/lambda/pricing/' },
  /** On ARM. */
  lambdaGbSecond: { usd: 0.0000133334, source: 'https://aws.amazon.com/lambda/pricing/' },
  httpApiRequest: { usd: 1 / million, source: 'https://aws.amazon.com/api-gateway/pricing/' },
  dynamoDbWriteUnit: { usd: 0.625 / million, source: 'https://aws.amazon.com/dynamodb/pricing/on-demand/' },
  dynamoDbReadUnit: { usd: 0.125 / million, source: 'https://aws.amazon.com/dynamodb/pricing/on-demand/' },
  sqsRequest: { usd: 0.4 / million, source: 'https://aws.amazon.com/sqs/pricing/' },
  eventBridgeEvent: { usd: 1 / million, source: 'https://aws.amazon.com/eventbridge/pricing/' },
  schedulerInvocation: { usd: 1 / million, source: 'https://aws.amazon.com/eventbridge/pricing/' },
  s3Put: { usd: 0.005 / 1000, source: 'https://aws.amazon.com/s3/pricing/' },
  s3Get: { usd: 0.0004 / 1000, source: 'https://aws.amazon.com/s3/pricing/' },
  s3GbMonth: { usd: 0.023, source: 'https://aws.amazon.com/s3/pricing/' },
  logsGb: { usd: 0.5, source: 'https://aws.amazon.com/cloudwatch/pricing/' },
  alarmMetricMonth: { usd: 0.1, source: 'https://aws.amazon.com/cloudwatch/pricing/' },
  secretMonth: { usd: 0.4, source: 'https://aws.amazon.com/secrets-manager/pricing/' },
  kmsKeyMonth: { usd: 1, source: 'https://aws.amazon.com/kms/pricing/' },
  imageGbMonth: { usd: 0.1, source: 'https://aws.amazon.com/ecr/pricing/' },
  publicAddressHour: { usd: 0.005, source: 'https://aws.amazon.com/vpc/pricing/' },
  natGatewayHour: { usd: 0.045, source: 'https://aws.amazon.com/vpc/pricing/' },
  natGb: { usd: 0.045, source: 'https://aws.amazon.com/vpc/pricing/' },
  interfaceEndpointHour: { usd: 0.01, source: 'https://aws.amazon.com/privatelink/pricing/' },
  interfaceEndpointGb: { usd: 0.01, source: 'https://aws.amazon.com/privatelink/pricing/' },
} as const;
