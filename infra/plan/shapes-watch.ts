/**
 * The shapes of what watches the system and of what the public origin adds: topics, alarms, dashboards, headers. As in
 * shapes.ts, an input of another shape fails with the resource's name.
 */
import { z } from "zod";
import { owner } from "./shapes.ts";

export const topic = z
  .object({ kmsMasterKeyId: owner.optional() })
  .transform(({ kmsMasterKeyId }) => ({ key: kmsMasterKeyId ?? null }));

export const subscription = z.object({
  topic: owner,
  protocol: z.string(),
  endpoint: z.string(),
});

export const alarm = z
  .object({
    alarmDescription: z.string(),
    namespace: z.string(),
    metricName: z.string(),
    dimensions: z.record(z.string(), z.string()),
    statistic: z.string().optional(),
    extendedStatistic: z.string().optional(),
    comparisonOperator: z.string(),
    threshold: z.number(),
    period: z.number().int(),
    evaluationPeriods: z.number().int(),
    treatMissingData: z.string(),
    alarmActions: z.array(owner).default([]),
    okActions: z.array(owner).default([]),
  })
  .transform((alarm, context) => {
    const statistic = alarm.statistic ?? alarm.extendedStatistic;
    if (statistic === undefined) context.addIssue("an alarm needs a statistic");
    return {
      description: alarm.alarmDescription,
      metric: {
        namespace: alarm.namespace,
        name: alarm.metricName,
        dimensions: alarm.dimensions,
      },
      statistic: statistic ?? "",
      comparison: alarm.comparisonOperator,
      threshold: alarm.threshold,
      periodSeconds: alarm.period,
      periods: alarm.evaluationPeriods,
      missingData: alarm.treatMissingData,
      actions: alarm.alarmActions,
      okActions: alarm.okActions,
    };
  });

export const dashboard = z
  .object({ dashboardBody: z.json() })
  .transform(({ dashboardBody }) => ({ body: dashboardBody }));

export const distribution = z.object({ aliases: z.array(z.string()) });

/** CloudFront's structure, as the headers that a browser sees. */
export const headersPolicy = z
  .object({
    securityHeadersConfig: z.object({
      strictTransportSecurity: z.object({
        accessControlMaxAgeSec: z.number().int(),
        includeSubdomains: z.boolean().default(false),
        preload: z.boolean().default(false),
      }),
      contentSecurityPolicy: z.object({ contentSecurityPolicy: z.string() }),
      contentTypeOptions: z.object({}),
      frameOptions: z.object({ frameOption: z.string() }),
      referrerPolicy: z.object({ referrerPolicy: z.string() }),
    }),
    customHeadersConfig: z.object({
      items: z.array(z.object({ header: z.string(), value: z.string() })),
    }),
  })
  .transform(({ securityHeadersConfig, customHeadersConfig }) => {
    const { strictTransportSecurity: transport, ...security } = securityHeadersConfig;
    const strictTransport = [
      `max-age=${transport.accessControlMaxAgeSec}`,
      ...(transport.includeSubdomains ? ["includeSubDomains"] : []),
      ...(transport.preload ? ["preload"] : []),
    ];
    return {
      headers: {
        "content-security-policy": security.contentSecurityPolicy.contentSecurityPolicy,
        "strict-transport-security": strictTransport.join("; "),
        "x-content-type-options": "nosniff",
        "x-frame-options": security.frameOptions.frameOption,
        "referrer-policy": security.referrerPolicy.referrerPolicy,
        ...Object.fromEntries(
          customHeadersConfig.items.map(({ header, value }) => [header.toLowerCase(), value]),
        ),
      },
    };
  });
