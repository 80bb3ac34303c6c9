/**
 * What somebody must be told about. Each alarm says what it means and what to do, and docs/operations.md has a section
 * of its name: an alarm that nobody can act on is not here.
 */
import { alerts } from "./alerts.ts";
import { type Metric, ofFunction, ofGateway, ofQueue, ofSubscriber, own } from "./metrics.ts";
import { poller } from "./poller.ts";
import { relayDeadQueue, relayQueue } from "./queue.ts";
import { relaySubscriber } from "./relay.ts";

const minute = 60;

export const alarms = [
  // SQS moves a dead letter without counting it as sent, and RelayDead takes it out within seconds, so that neither
  // "sent" nor "visible" would show it. That it was received is what remains.
  alarm("DeadLetters", {
    metric: ofQueue(relayDeadQueue, "NumberOfMessagesReceived"),
    statistic: "Sum",
    above: 0,
    period: minute,
    says: "A video was given up after all its relays failed, and its creator has been told. Find out why, then let the creator try again.",
  }),
  alarm("DeadLettersStuck", {
    metric: ofQueue(relayDeadQueue, "ApproximateAgeOfOldestMessage"),
    statistic: "Maximum",
    above: 15 * minute,
    period: 5 * minute,
    says: "A video was given up and its creator has not been told, because RelayDead fails. Read its log and redrive the dead letters.",
  }),
  // A relay may run for 15 minutes, and its message grows as old: anything beyond twice that waits or fails.
  alarm("RelayBacklog", {
    metric: ofQueue(relayQueue, "ApproximateAgeOfOldestMessage"),
    statistic: "Maximum",
    above: 30 * minute,
    period: 5 * minute,
    times: 2,
    says: "Videos wait too long for a relay. See whether relays fail, or whether more of them must run at once.",
  }),
  // Counts crashes, timeouts and messages that the relay hands back. One of them is recovered from by itself.
  alarm("RelayErrors", {
    metric: ofSubscriber(relaySubscriber, "FailedInvokeEventCount"),
    statistic: "Sum",
    above: 2,
    period: 15 * minute,
    says: "Relays fail again and again. Nothing is lost yet: messages are delivered five times. Read the relay's log.",
  }),
  // Missing data is the very thing to be told about: a poller that does not run reports nothing.
  alarm("PollerSilent", {
    metric: ofFunction(poller, "Invocations"),
    statistic: "Sum",
    below: 1,
    period: minute,
    times: 5,
    missing: "breaching",
    says: "The poller has not run for five minutes: outcomes are not learnt and crashed relays not restarted. See whether its schedule is enabled and Lambda throttles it.",
  }),
  alarm("PollerErrors", {
    metric: ofFunction(poller, "Errors"),
    statistic: "Sum",
    above: 2,
    period: 5 * minute,
    says: "The poller runs and fails: outcomes are not learnt and crashed relays not restarted. Read its log.",
  }),
  // Single creators who withdraw their consent are no reason to get up.
  alarm("TokenRefreshFailed", {
    metric: own("TokenRefreshFailed"),
    statistic: "Sum",
    above: 4,
    period: 15 * minute,
    says: "TikTok refuses to renew tokens for several creators. See whether the client secret has changed or TikTok is down.",
  }),
  alarm("ApiErrors", {
    metric: ofGateway("5xx"),
    statistic: "Sum",
    above: 4,
    period: 5 * minute,
    says: "The API fails. Read its log for what, and for which route.",
  }),
  // Most answers take a fraction of a second; those that ask TikTok, or complete an upload of many parts, take some.
  alarm("ApiSlow", {
    metric: ofGateway("Latency"),
    statistic: "p95",
    above: 5_000,
    period: 5 * minute,
    times: 3,
    says: "The API is slow: 5 % of its answers take longer than 5 s. See whether TikTok is slow or functions start cold.",
  }),
];

interface AlarmArgs {
  metric: Metric;
  statistic: "Sum" | "Maximum" | "p95";
  /** One of the two. */
  above?: number;
  below?: number;
  /** In seconds. */
  period: number;
  /** How many periods in a row; one where nothing is said. */
  times?: number;
  /** Nothing to report is good news, unless said otherwise. */
  missing?: "breaching";
  /** What it means, and the first thing to do. */
  says: string;
}

function alarm(name: string, args: AlarmArgs): aws.cloudwatch.MetricAlarm {
  const { statistic, above, below } = args;
  // DeadLetters → dead-letters
  const section = name.replace(/(?<=[a-z])(?=[A-Z])/g, "-").toLowerCase();
  return new aws.cloudwatch.MetricAlarm(name, {
    name: `${$app.name}-${$app.stage}-${name}`,
    alarmDescription: `${args.says} docs/operations.md#${section}`,
    ...args.metric,
    ...(statistic === "p95"
      ? // A night's single slow answer is no percentile.
        { extendedStatistic: statistic, evaluateLowSampleCountPercentiles: "ignore" }
      : { statistic }),
    comparisonOperator: below === undefined ? "GreaterThanThreshold" : "LessThanThreshold",
    threshold: below ?? above ?? 0,
    period: args.period,
    evaluationPeriods: args.times ?? 1,
    treatMissingData: args.missing ?? "notBreaching",
    alarmActions: [alerts.arn],
    // Told as well when it is over.
    okActions: [alerts.arn],
  });
}
