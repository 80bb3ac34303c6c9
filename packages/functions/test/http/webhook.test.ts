/** Webhooks: a signature over the raw bytes, a hint that is queued, and an answer that TikTok will not repeat. */
import { createHmac } from "node:crypto";
import { createWorld, openId, userId, videoBytes } from "@clipcast/core/testing";
import { describe, expect, it } from "vitest";
import { problem } from "../../src/contract.ts";
import { createWebhookApp } from "../../src/http/webhook-app.ts";

const clientKey = "awexampleclient01";
const clientSecret = "example-client-secret";
const path = "/api/tiktok/webhook";

function webhookWorld() {
  const world = createWorld();
  const { clock, random, log, table, checkQueue } = world.deps;
  const app = createWebhookApp({ clock, random, log, table, checkQueue, clientKey, clientSecret });
  const send = (body: string, headers: Record<string, string>) =>
    app.request(path, { method: "POST", body, headers });
  return {
    world,
    app,
    send,
    /** As TikTok sends it: signed now unless told otherwise. */
    sendSigned: (body: string, options: { ageMs?: number; secret?: string } = {}) => {
      const seconds = Math.floor((clock.nowMs() - (options.ageMs ?? 0)) / 1000);
      return send(body, { "TikTok-Signature": signature(body, seconds, options.secret) });
    },
    state: () => ({
      rows: table.rows(),
      checks: [...checkQueue.messages],
      relays: [...world.deps.relayQueue.messages],
    }),
  };
}

function signature(body: string, seconds: number, secret = clientSecret): string {
  const hmac = createHmac("sha256", secret).update(`${seconds}.${body}`).digest("hex");
  return `t=${seconds},s=${hmac}`;
}

function hook(event: string, content: object, change: object = {}): string {
  return JSON.stringify({
    client_key: clientKey,
    event,
    create_time: 1_800_000_000,
    user_openid: openId,
    content: JSON.stringify(content),
    ...change,
  });
}

/** A publication whose bytes TikTok has; its first quick check is taken away, so that only hooks can ask. */
async function delivered() {
  const place = webhookWorld();
  const { world } = place;
  await world.connect();
  const { id } = await world.upload(videoBytes(10_000));
  await world.relay(id);
  world.deps.checkQueue.messages = [];
  world.deps.relayQueue.messages = [];
  const publishId = world.tiktok.tasks[0]?.publishId ?? "";
  return { ...place, id, publishId };
}

describe("the published vector", () => {
  const body =
    '{"client_key":"awexampleclient01","event":"post.publish.complete","create_time":1790000000,"user_openid":"-000exampleOpenId01","content":"{\\"publish_id\\":\\"v_pub_file~v2-1.7600000000000000001\\",\\"publish_type\\":\\"DIRECT_PUBLISH\\"}"}';
  const mac = "b663b5cded55d5bc49319feb9f9a7a9571b218331e026703fd18543b0327408d";

  it("is accepted under either spelling of the header, stale as it is", async () => {
    expect(Buffer.byteLength(body)).toBe(232);
    for (const name of ["TikTok-Signature", "Tiktok-Signature", "tiktok-signature"]) {
      const answer = await webhookWorld().send(body, { [name]: `t=1790000005,s=${mac}` });
      expect(answer.status).toBe(200);
    }
  });

  it("is refused with one character changed, wherever", async () => {
    const flipped = mac.replace("b", "c");
    const sent: [string, string][] = [
      [body, `t=1790000005,s=${flipped}`],
      [body, `t=1790000006,s=${mac}`],
      [body.replace("complete", "completE"), `t=1790000005,s=${mac}`],
      [`${body}\n`, `t=1790000005,s=${mac}`],
      [` ${body}`, `t=1790000005,s=${mac}`],
    ];
    for (const [text, header] of sent) {
      expect((await webhookWorld().send(text, { "tiktok-signature": header })).status).toBe(401);
    }
  });
});

describe("a webhook", () => {
  it("makes its publication be checked at once", async () => {
    const { world, sendSigned, id, publishId } = await delivered();
    const answer = await sendSigned(hook("post.publish.complete", { publish_id: publishId }));
    expect([answer.status, await answer.text()]).toEqual([200, ""]);
    const [message] = world.deps.checkQueue.messages;
    expect(JSON.parse(message?.body ?? "")).toEqual({ userId, publicationId: id, check: null });
    expect(message?.visibleAtMs).toBe(world.clock.nowMs());
  });

  it("decides nothing: TikTok is asked, however good the news", async () => {
    const { world, sendSigned, id, publishId } = await delivered();
    const content = { publish_id: publishId, post_id: "7600000000000000001" };
    await sendSigned(hook("post.publish.publicly_available", content));
    expect((await world.get(id)).status).toBe("processing");
    await world.deliver();
    expect((await world.get(id)).status).toBe("processing");
  });

  it("is worth a check also when its valid signature is old", async () => {
    const { world, sendSigned, publishId } = await delivered();
    const body = hook("post.publish.complete", { publish_id: publishId });
    const answer = await sendSigned(body, { ageMs: 72 * 3_600_000 });
    expect(answer.status).toBe(200);
    expect(world.deps.checkQueue.messages).toHaveLength(1);
    expect(world.deps.log.lines.at(-1)).toMatchObject({ isStale: true });
  });

  it("may come again: a replay costs one check and changes nothing", async () => {
    const { world, sendSigned, state, id, publishId } = await delivered();
    const [task] = world.tiktok.tasks;
    if (task) world.tiktok.finish(task, { stage: "published", postIds: ["1"] });
    const body = hook("post.publish.complete", { publish_id: publishId });
    await sendSigned(body);
    await world.deliver();
    expect((await world.get(id)).status).toBe("published");
    const { rows } = state();
    for (let replay = 0; replay < 3; replay += 1) {
      expect((await sendSigned(body, { ageMs: replay * 1_000 })).status).toBe(200);
      await world.deliver();
    }
    expect(state().rows).toEqual(rows);
  });

  const ignored: [string, (publishId: string) => string][] = [
    ["names a post that is not ours", () => hook("post.publish.complete", { publish_id: "v_x" })],
    [
      "names another creator than the post's",
      (id) => hook("post.publish.complete", { publish_id: id }, { user_openid: "-000other" }),
    ],
    ["is about nothing of ours", () => hook("video.upload.failed", { share_id: "s" })],
  ];
  it.each(ignored)("that %s is answered and left alone", async (_name, bodyOf) => {
    const { sendSigned, state, publishId } = await delivered();
    const before = state();
    expect((await sendSigned(bodyOf(publishId))).status).toBe(200);
    expect(state()).toEqual(before);
  });
});

describe("authorization.removed", () => {
  const removed = (change: object) => hook("authorization.removed", { reason: 1 }, change);

  it("marks the account for reconnecting", async () => {
    const { world, sendSigned } = await delivered();
    const create_time = Math.ceil(world.clock.nowMs() / 1000) + 1;
    expect((await sendSigned(removed({ create_time }))).status).toBe(200);
    const account = world.deps.table.rows().find(({ sk }) => sk === `ACCOUNT#${openId}`);
    expect(account?.data).toMatchObject({ reconnectReason: "auth_removed" });
  });

  it("does not undo a login that is newer, when it is replayed", async () => {
    const { world, sendSigned, state } = await delivered();
    const body = removed({ create_time: world.clock.nowMs() / 1000 + 10 });
    await sendSigned(body);
    await world.clock.advance(60_000);
    await world.connect();
    const before = state();
    expect((await sendSigned(body)).status).toBe(200);
    expect(state()).toEqual(before);
  });
});

describe("refused without a trace", () => {
  const valid = (publishId: string) => hook("post.publish.complete", { publish_id: publishId });
  const seconds = 1_800_000_000;
  type Forged = (publishId: string) => { body: string; header?: string };
  const forged: [string, Forged][] = [
    ["no signature", (id) => ({ body: valid(id) })],
    ["an empty signature", (id) => ({ body: valid(id), header: "" })],
    ["no time", (id) => ({ body: valid(id), header: `s=${"a".repeat(64)}` })],
    [
      "the signature of another secret",
      (id) => ({ body: valid(id), header: signature(valid(id), seconds, "other-secret") }),
    ],
    [
      "the signature of another body",
      (id) => ({ body: valid(id), header: signature(`${valid(id)} `, seconds) }),
    ],
    [
      "half a signature",
      (id) => ({ body: valid(id), header: signature(valid(id), seconds).slice(0, -32) }),
    ],
    [
      "another app's key, though well signed",
      (id) => {
        const body = hook("post.publish.complete", { publish_id: id }, { client_key: "awother" });
        return { body, header: signature(body, seconds) };
      },
    ],
  ];
  it.each(forged)("%s", async (_name, forge) => {
    const { send, state, world, publishId } = await delivered();
    const before = state();
    const lines = world.deps.log.lines.length;
    const { body, header } = forge(publishId);
    const answer = await send(body, header === undefined ? {} : { "tiktok-signature": header });
    expect(answer.status).toBe(401);
    expect(answer.headers.get("content-type")).toBe("application/problem+json");
    expect(problem.parse(await answer.json()).code).toBe("bad_signature");
    expect(state()).toEqual(before);
    expect(world.deps.log.lines).toHaveLength(lines);
  });

  it("takes what it does not understand, so that TikTok does not repeat it", async () => {
    const { send, state } = await delivered();
    const before = state();
    const answer = await send("{", { "tiktok-signature": signature("{", seconds) });
    expect(answer.status).toBe(200);
    expect(state()).toEqual(before);
  });

  it("a body above 64 KiB, before any signature is looked at", async () => {
    const { sendSigned, state } = await delivered();
    const before = state();
    const answer = await sendSigned(hook("post.publish.complete", { filler: "x".repeat(65_536) }));
    expect([answer.status, problem.parse(await answer.json()).code]).toEqual([413, "too_large"]);
    expect(state()).toEqual(before);
  });

  it("any other method or path", async () => {
    const { app } = webhookWorld();
    for (const [method, where] of [
      ["GET", path],
      ["POST", `${path}/more`],
      ["POST", "/api/me"],
    ] as const) {
      expect((await app.request(where, { method })).status).toBe(404);
    }
  });
});

it("asks TikTok to send it again when the hint could not be queued", async () => {
  const { world, sendSigned, publishId } = await delivered();
  world.deps.checkQueue.send = () => Promise.reject(new Error("queue is down"));
  const answer = await sendSigned(hook("post.publish.complete", { publish_id: publishId }));
  expect(answer.status).toBe(500);
  expect(await answer.text()).not.toContain("queue is down");
});
