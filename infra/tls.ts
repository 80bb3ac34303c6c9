/** The statement of a resource's policy that refuses whatever does not come by TLS. SST writes it for buckets only. */
export function denyPlainHttp(action: string, resource: $util.Input<string>) {
  return {
    Effect: "Deny",
    Principal: "*",
    Action: action,
    Resource: resource,
    Condition: { Bool: { "aws:SecureTransport": "false" } },
  };
}
