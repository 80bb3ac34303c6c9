/** Events as AWS delivers them, made realistic once so that every test of a handler sees the same shapes. */
import type {
  APIGatewayProxyEventV2,
  Context,
  EventBridgeEvent,
  SQSEvent,
  SQSRecord,
} from "aws-lambda";

const accountNumber = "123456789012";
const region = "eu-west-1";

export interface HttpCall {
  method: string;
  /** Path and query as the browser sent them. */
  path: string;
  body?: string;
  isBase64Encoded?: boolean;
  cookies?: string[];
  headers?: Record<string, string>;
}

/** API Gateway, HTTP API, payload format 2.0: header names in lower case, cookies apart, the query raw. */
export function httpEvent(call: HttpCall): APIGatewayProxyEventV2 {
  const [rawPath = "/", rawQueryString = ""] = call.path.split("?");
  const host = "abc123.execute-api.eu-west-1.amazonaws.com";
  return {
    version: "2.0",
    routeKey: "ANY /api/{proxy+}",
    rawPath,
    rawQueryString,
    ...(call.cookies ? { cookies: call.cookies } : {}),
    headers: {
      host,
      "x-forwarded-for": "203.0.113.7",
      "x-forwarded-proto": "https",
      ...(call.body === undefined ? {} : { "content-type": "application/json" }),
      ...call.headers,
    },
    requestContext: {
      accountId: accountNumber,
      apiId: "abc123",
      domainName: host,
      domainPrefix: "abc123",
      http: {
        method: call.method,
        path: rawPath,
        protocol: "HTTP/1.1",
        sourceIp: "203.0.113.7",
        userAgent: "Mozilla/5.0",
      },
      requestId: "JKJaXmPLvHcESHA=",
      routeKey: "ANY /api/{proxy+}",
      stage: "$default",
      time: "22/Nov/2026:15:00:00 +0000",
      timeEpoch: 1_795_359_600_000,
    },
    ...(call.body === undefined ? {} : { body: call.body }),
    isBase64Encoded: call.isBase64Encoded ?? false,
  };
}

/** A batch of one queue; the messages' ids are m-1, m-2 and so on. */
export function sqsEvent(bodies: string[], queue = "RelayQueue"): SQSEvent {
  return { Records: bodies.map((body, index) => sqsRecord(body, `m-${index + 1}`, queue)) };
}

function sqsRecord(body: string, messageId: string, queue: string): SQSRecord {
  return {
    messageId,
    receiptHandle: `receipt-${messageId}`,
    body,
    attributes: {
      ApproximateReceiveCount: "1",
      SentTimestamp: "1795359600000",
      SenderId: "AROAEXAMPLE:clipcast-api",
      ApproximateFirstReceiveTimestamp: "1795359600005",
      MessageGroupId: "user-1",
    },
    messageAttributes: {},
    md5OfBody: "d41d8cd98f00b204e9800998ecf8427e",
    eventSource: "aws:sqs",
    eventSourceARN: `arn:aws:sqs:${region}:${accountNumber}:${queue}`,
    awsRegion: region,
  };
}

export function scheduleEvent(): EventBridgeEvent<"Scheduled Event", object> {
  return {
    version: "0",
    id: "53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa",
    "detail-type": "Scheduled Event",
    source: "aws.events",
    account: accountNumber,
    time: "2026-11-22T15:00:00Z",
    region,
    resources: [`arn:aws:events:${region}:${accountNumber}:rule/clipcast-poller`],
    detail: {},
  };
}

/** An invocation with this much time left, as it stays for the length of a test. */
export function lambdaContext(remainingMs = 60_000): Context {
  const functionName = "clipcast-test";
  return {
    callbackWaitsForEmptyEventLoop: false,
    functionName,
    functionVersion: "$LATEST",
    invokedFunctionArn: `arn:aws:lambda:${region}:${accountNumber}:function:${functionName}`,
    memoryLimitInMB: "256",
    awsRequestId: "8f507cfc-xmpl-4697-b07a-ac58fc914c95",
    logGroupName: `/aws/lambda/${functionName}`,
    logStreamName: "2026/11/22/[$LATEST]0",
    getRemainingTimeInMillis: () => remainingMs,
    done: () => undefined,
    fail: () => undefined,
    succeed: () => undefined,
  };
}
