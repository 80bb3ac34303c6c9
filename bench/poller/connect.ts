/** A client of the embedded DynamoDB. */
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";

export function connectDynamo(endpoint: string): DynamoDBClient {
  const credentials = { accessKeyId: "bench", secretAccessKey: "not-a-secret" };
  return new DynamoDBClient({ endpoint, region: "us-east-1", credentials });
}
