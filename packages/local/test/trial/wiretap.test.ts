import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { createLedger, readLedger, type Secret } from "../../src/trial/ledger.ts";
import { tapServers } from "../../src/trial/wiretap.ts";

const signature = "ab12".repeat(16);

/** What is heard of one request to a server that was started by somebody who knows of no tap. */
async function hear(listener: RequestListener, path = "/"): Promise<Secret[]> {
  const heard: Secret[] = [];
  const stop = tapServers((secret) => heard.push(secret));
  const server = createServer(listener);
  onTestFinished(() => {
    stop();
    server.close();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const response = await fetch(`http://127.0.0.1:${port}${path}`, { redirect: "manual" });
  await response.text();
  return heard;
}

it("hears the tokens of an answer, in one piece or in several", async () => {
  const tokens = { access_token: "act.1", refresh_token: "rft.2", scope: "x" };
  const expected = [
    { kind: "access token", value: "act.1" },
    { kind: "refresh token", value: "rft.2" },
  ];
  expect(await hear((_, response) => response.end(JSON.stringify(tokens)))).toEqual(expected);
  const asBytes = Buffer.from(JSON.stringify(tokens));
  expect(
    await hear((_, response) => {
      response.write(asBytes);
      response.end();
    }),
  ).toEqual(expected);
});

it("hears upload addresses and signatures, handed out or used", async () => {
  const url = `https://upload/?upload_id=1&upload_token=t-1`;
  const signed = `http://s3/part?X-Amz-Expires=60&X-Amz-Signature=${signature}`;
  const answer = JSON.stringify({ data: { upload_url: url }, parts: [{ url: signed }] });
  expect(await hear((_, response) => response.end(answer))).toEqual([
    { kind: "upload URL", value: "t-1" },
    { kind: "signed URL", value: signature },
  ]);
  expect(await hear((_, response) => response.end(), `/part?X-Amz-Signature=${signature}`)).toEqual(
    [{ kind: "signed URL", value: signature }],
  );
});

it("hears cookies and codes, however the head is written", async () => {
  const location = "http://localhost/callback?code=a%2Ab%21&state=s";
  const cookie = "session=c-1; HttpOnly";
  const expected: Secret[] = [
    { kind: "cookie", value: "c-1" },
    { kind: "code", value: "a*b!" },
  ];
  const byKind = (secrets: Secret[]) => secrets.sort((a, b) => b.kind.localeCompare(a.kind));
  const ways: RequestListener[] = [
    (_, response) => response.writeHead(302, { "set-cookie": [cookie], location }).end(),
    (_, response) => response.writeHead(302, ["Set-Cookie", cookie, "Location", location]).end(),
    (_, response) => {
      response.statusCode = 302;
      response.setHeader("set-cookie", cookie);
      response.setHeader("location", location);
      response.end();
    },
  ];
  for (const way of ways) expect(byKind(await hear(way))).toEqual(byKind(expected));
});

it("leaves videos and cleared cookies alone", async () => {
  const video = Buffer.concat([Buffer.alloc(8), Buffer.from('{"access_token":"no"}')]);
  expect(
    await hear((_, response) =>
      response.writeHead(200, { "set-cookie": "session=; x" }).end(video),
    ),
  ).toEqual([]);
});

it("writes each secret down once, and survives a line cut short", () => {
  const dir = mkdtempSync(join(tmpdir(), "clipcast-ledger-"));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const path = join(dir, "secrets.jsonl");
  const secret: Secret = { kind: "code", value: "c" };
  for (const ledger of [createLedger(path), createLedger(path)]) {
    ledger.add(secret);
    ledger.add(secret);
  }
  expect(readLedger(path)).toEqual([secret]);
  expect(readLedger(join(dir, "none"))).toEqual([]);
});
