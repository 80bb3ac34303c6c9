/** The links of every function as SST hands them over: one variable each, JSON, with the type that SST adds. */

export const clientSecret = "clipcast-client-secret-in-test";
export const siteOrigin = "https://clipcast.example";

const resources = {
  App: { name: "clipcast", stage: "test" },
  Table: { name: "clipcast-table", type: "sst.aws.Dynamo" },
  Bucket: { name: "clipcast-bucket", type: "sst.aws.Bucket" },
  RelayQueue: { url: "https://sqs.eu-west-1.amazonaws.com/1/relay", type: "sst.aws.Queue" },
  CheckQueue: { url: "https://sqs.eu-west-1.amazonaws.com/1/check", type: "sst.aws.Queue" },
  SealKey: { arn: "arn:aws:kms:eu-west-1:1:key/seal", type: "aws.kms.Key" },
  TikTokClientKey: { value: "awexampleclient01", type: "sst.sst.Secret" },
  TikTokClientSecret: { value: clientSecret, type: "sst.sst.Secret" },
  TikTok: {
    authorizeUrl: "https://www.tiktok.example/v2/auth/authorize/",
    apiUrl: "https://open.tiktok.example",
    uploadHostSuffix: ".tiktok.example",
    type: "sst.sst.Linkable",
  },
  Site: { origin: siteOrigin, type: "sst.sst.Linkable" },
  Settings: { maxFileBytes: 4_294_967_296, isAudited: false, type: "sst.sst.Linkable" },
};
export type LinkName = keyof typeof resources;

/** Environment variables for all links; a change replaces one's text, and undefined takes it away. */
export function linkVariables(
  changes: Partial<Record<LinkName, string | undefined>> = {},
): Record<string, string> {
  const texts: Record<string, string | undefined> = {
    ...Object.fromEntries(
      Object.entries(resources).map(([name, value]) => [name, JSON.stringify(value)]),
    ),
    ...changes,
  };
  const variables: Record<string, string> = {
    AWS_REGION: "eu-west-1",
    AWS_ACCESS_KEY_ID: "test",
    AWS_SECRET_ACCESS_KEY: "test",
    POWERTOOLS_SERVICE_NAME: "clipcast",
    POWERTOOLS_METRICS_NAMESPACE: "ClipCastTest",
  };
  for (const [name, text] of Object.entries(texts)) {
    if (text !== undefined) variables[`SST_RESOURCE_${name}`] = text;
  }
  return variables;
}
