import type { LambdaEvent } from 'hono/aws-lambda';

export interface EventRequest {
  readonly method?: string;
  readonly path: string;
  readonly query?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly cookies?: readonly string[];
  readonly body?: string;
  /** The client of the gateway. */
  readonly sourceIp?: string;
}

/**
 * The event of an HTTP API of API Gateway: lower-case header names, and separate cookies.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 */
export function httpApiEvent(request: EventRequest): LambdaEvent {
  return eventOf(request, {
    routeKey: '$default',
    domainName: 'x1y2z3.execute-api.eu-central-1.amazonaws.com',
    apiId: 'x1y2z3',
    accountId: '123456789012',
  });
}

/** The event of a function URL. https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html */
export function functionUrlEvent(request: EventRequest): LambdaEvent {
  return eventOf(request, {
    routeKey: '$default',
    domainName: 'abcdefghij.lambda-url.eu-central-1.on.aws',
    apiId: 'abcdefghij',
    accountId: 'anonymous',
  });
}

function eventOf(
  { method = 'GET', path, query = '', headers = {}, cookies, body, sourceIp = '203.0.113.7' }: EventRequest,
  context: { routeKey: string; domainName: string; apiId: string; accountId: string },
): LambdaEvent {
  const event = {
    version: '2.0',
    routeKey: context.routeKey,
    rawPath: path,
    rawQueryString: query,
    ...(cookies === undefined ? {} : { cookies }),
    headers: {
      host: context.domainName,
      'x-forwarded-proto': 'https',
      'x-forwarded-port': '443',
      'user-agent': 'Mozilla/5.0',
      ...headers,
    },
    requestContext: {
      ...context,
      domainPrefix: context.domainName.split('.')[0],
      http: { method, path, protocol: 'HTTP/1.1', sourceIp, userAgent: 'Mozilla/5.0' },
      requestId: 'JKJaXmPLvHcESHA=',
      stage: '$default',
      time: '10/Mar/2026:05:16:23 +0000',
      timeEpoch: 1_583_348_638_390,
    },
    ...(body === undefined ? {} : { body }),
    isBase64Encoded: false,
  };
  // Hono's type asks for fields of other kinds of gateways too, which these events do not have.
  return event as unknown as LambdaEvent;
}
