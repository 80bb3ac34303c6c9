/**
 * The topic that every alarm speaks to, encrypted under a key of its own: CloudWatch may not use the one that AWS keeps
 * for SNS (https://repost.aws/knowledge-center/cloudwatch-configure-alarm-sns). With `ALERT_EMAIL` set, somebody listens.
 */
import { alertEmail } from "./settings.ts";
import { denyPlainHttp } from "./tls.ts";

const { accountId } = aws.getCallerIdentityOutput({});

/** Alarms of this account, and nobody who talks CloudWatch into it from another. */
const alarmsOfThisAccount = {
  Effect: "Allow",
  Principal: { Service: "cloudwatch.amazonaws.com" },
  Condition: { StringEquals: { "aws:SourceAccount": accountId } },
};

const alertKey = new aws.kms.Key("AlertKey", {
  description: "Encrypts alarms on their way to whoever listens",
  enableKeyRotation: true,
  // Nothing is kept under it.
  deletionWindowInDays: 7,
  policy: $jsonStringify({
    Version: "2012-10-17",
    Statement: [
      {
        // Without this nobody could change the key again; it is what AWS gives a key that has no policy.
        Effect: "Allow",
        Principal: { AWS: $interpolate`arn:aws:iam::${accountId}:root` },
        Action: "kms:*",
        Resource: "*",
      },
      { ...alarmsOfThisAccount, Action: ["kms:Decrypt", "kms:GenerateDataKey"], Resource: "*" },
    ],
  }),
});

export const alerts = new sst.aws.SnsTopic("Alerts", {
  transform: { topic: { kmsMasterKeyId: alertKey.arn } },
});

new aws.sns.TopicPolicy("AlertsPolicy", {
  arn: alerts.arn,
  policy: $jsonStringify({
    Version: "2012-10-17",
    Statement: [
      { ...alarmsOfThisAccount, Action: "sns:Publish", Resource: alerts.arn },
      denyPlainHttp("sns:Publish", alerts.arn),
    ],
  }),
});

if (alertEmail !== "") {
  new aws.sns.TopicSubscription("AlertEmail", {
    topic: alerts.arn,
    protocol: "email",
    endpoint: alertEmail,
  });
}
