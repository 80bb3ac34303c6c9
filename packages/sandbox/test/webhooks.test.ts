import { createHmac } from "node:crypto";
import { createServer } from "node:http";
import { describe, expect, it, onTestFinished } from "vitest";
import { z } from "zod";
import { sign } from "../src/webhooks.ts";
import {
  app,
  closeAndRestart,
  control,
  login,
  start,
  temporaryDir,
  uploadWhole,
} from "./harness.ts";
import { makeVideo } from "./video.ts";

const hookSchema = z.object({
  client_key: z.string(),
  event: z.string(),
  create_time: z.number(),
  user_openid: z.string(),
  content: z.string(),
});

/** Receives deliveries; answers each with the next status, the last one for ever. */
async function receiver(statuses: number[] = [200]) {
  const hooks: { signature: string; body: string; hook: z.infer<typeof hookSchema> }[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8");
    request.on("data", (text) => {
      body += text;
    });
    request.on("end", () => {
      const signature = String(request.headers["tiktok-signature"]);
      hooks.push({ signature, body, hook: hookSchema.parse(JSON.parse(body)) });
      const status = statuses.length > 1 ? statuses.shift() : statuses[0];
      response.writeHead(status ?? 200).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const address = server.address();
  const port = address !== null && typeof address === "object" ? address.port : 0;
  const events = () => hooks.map(({ hook }) => hook.event);
  const received = (count: number) => expect.poll(() => hooks).toHaveLength(count);
  return { hooks, events, received, webhookUrl: `http://127.0.0.1:${port}/hook` };
}

/** Deliveries are fire and forget: this waits until the sandbox has written an attempt's outcome down. */
async function attempted(url: string, attempts: number) {
  const last = async () => (await control(url, "/webhooks")).body.webhooks.at(-1);
  await expect.poll(async () => (await last()).attempts).toBe(attempts);
}

describe("the signature", () => {
  it("is the fact sheet's test vector", () => {
    const body =
      '{"client_key":"awexampleclient01","event":"post.publish.complete","create_time":1790000000,"user_openid":"-000exampleOpenId01","content":"{\\"publish_id\\":\\"v_pub_file~v2-1.7600000000000000001\\",\\"publish_type\\":\\"DIRECT_PUBLISH\\"}"}';
    expect(Buffer.byteLength(body)).toBe(232);
    expect(sign("example-client-secret", 1_790_000_005, body)).toBe(
      "t=1790000005,s=b663b5cded55d5bc49319feb9f9a7a9571b218331e026703fd18543b0327408d",
    );
  });
});

describe("webhooks", () => {
  it("tell of completion and of the public post, signed over the raw bytes", async () => {
    const { webhookUrl, received, hooks, events } = await receiver();
    const { url, clock } = await start({ apps: [{ ...app, webhookUrl }] });
    const { access_token, open_id } = await login(url);
    const { publishId } = await uploadWhole(url, access_token, makeVideo());
    clock.advance(1600);
    await received(1);
    clock.advance(1000);
    await received(2);
    expect(events()).toEqual(["post.publish.complete", "post.publish.publicly_available"]);
    for (const { signature, body, hook } of hooks) {
      const [, t = "", s] = /^t=(\d+),s=([0-9a-f]{64})$/.exec(signature) ?? [];
      expect(createHmac("sha256", app.clientSecret).update(`${t}.${body}`).digest("hex")).toBe(s);
      expect(hook).toMatchObject({ client_key: app.clientKey, user_openid: open_id });
      const content = JSON.parse(hook.content);
      expect(content).toMatchObject({ publish_id: publishId, publish_type: "DIRECT_PUBLISH" });
    }
    const { body } = await control(url, "/posts");
    expect(JSON.parse(hooks[1]?.hook.content ?? "").post_id).toBe(body.posts[0].postId);
    await control(url, `/posts/${body.posts[0].postId}/hide`, "POST");
    clock.advance(0);
    await received(3);
    expect(events()[2]).toBe("post.publish.no_longer_publicaly_available");
  });

  it("are sent again with doubled delays until they are answered 200", async () => {
    const { webhookUrl, received, hooks } = await receiver([500, 302, 503, 200]);
    const { url, clock } = await start({ apps: [{ ...app, webhookUrl }] });
    await login(url);
    await control(url, "/disconnect", "POST", { creator: "demo.creator" });
    clock.advance(0);
    await received(1);
    for (const [attempts, delayMs] of [
      [1, 1000],
      [2, 2000],
      [3, 4000],
    ] as const) {
      await attempted(url, attempts);
      clock.advance(delayMs - 1);
      expect(hooks).toHaveLength(attempts);
      clock.advance(1);
      await received(attempts + 1);
    }
    await attempted(url, 4);
    clock.advance(86_400_000);
    expect(hooks).toHaveLength(4);
    expect(hooks[0]?.hook).toMatchObject({
      event: "authorization.removed",
      content: '{"reason":1}',
    });
    expect(new Set(hooks.map(({ signature }) => signature)).size).toBe(1);
  });

  it("are dropped once the horizon has passed, and re-signed when the knob says so", async () => {
    const { webhookUrl, received, hooks } = await receiver([500]);
    const knobs = { webhookHorizonMs: 1500, webhookResign: true };
    const { url, clock } = await start({ apps: [{ ...app, webhookUrl }], knobs });
    await login(url);
    await control(url, "/disconnect", "POST", { creator: "demo.creator" });
    clock.advance(0);
    await received(1);
    await attempted(url, 1);
    clock.advance(1000);
    await received(2);
    await attempted(url, 2);
    expect((await control(url, "/webhooks")).body.webhooks[0]).toMatchObject({
      outcome: "given-up",
      attempts: 2,
    });
    expect(hooks[0]?.signature).not.toBe(hooks[1]?.signature);
  });

  it("survive a restart", async () => {
    const dir = temporaryDir();
    const { webhookUrl, received, events } = await receiver();
    const { sandbox, url, clock } = await start({
      dir,
      apps: [{ ...app, webhookUrl: "http://127.0.0.1:9/nobody" }],
    });
    await login(url);
    await control(url, "/disconnect", "POST", { creator: "demo.creator" });
    clock.advance(0);
    await attempted(url, 1);
    const apps = [{ ...app, webhookUrl }];
    await closeAndRestart(sandbox, { port: 0, dir, apps, clock });
    clock.advance(1000);
    await received(1);
    expect(events()).toEqual(["authorization.removed"]);
  });

  it("can be lost, doubled and delayed on demand", async () => {
    const { webhookUrl, received, hooks } = await receiver();
    const { sandbox, url, clock } = await start({ apps: [{ ...app, webhookUrl }] });
    sandbox.addFault({ operation: "webhook", kind: "drop-before" });
    sandbox.addFault({ operation: "webhook", kind: "duplicate" });
    sandbox.addFault({ operation: "webhook", kind: "delay", nth: 2, delayMs: 500 });
    await login(url);
    await control(url, "/disconnect", "POST", { creator: "demo.creator" });
    clock.advance(0);
    await attempted(url, 1);
    expect(hooks).toHaveLength(0);
    clock.advance(1000);
    clock.advance(500);
    await received(2);
    expect(hooks[0]?.body).toBe(hooks[1]?.body);
  });
});
