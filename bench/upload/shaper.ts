/**
 * The link: a TCP proxy in a process of its own in front of the site and the storage, which share its capacity. A new
 * connection costs a round trip, as TCP's handshake does. Requests that carry a part break at the wished share; those to
 * the site never do, because whoever embeds an uploader writes that part of the code.
 */
import { createServer as createHttpServer } from "node:http";
import { connect, createServer, type Server, type Socket } from "node:net";
import { serveParent } from "../child.ts";
import { listen } from "../listen.ts";
import { type Cutter, createCuts } from "./cuts.ts";
import { createWay, type Lane, type LinkClock } from "./link.ts";
import { shaperSchema } from "./protocol.ts";

const clock: LinkClock = {
  nowMs: () => performance.now(),
  after: (delayMs, run) => void setTimeout(run, delayMs),
};

await serveParent(shaperSchema, async ({ sitePort, storagePort, link }) => {
  const { bytesPerSecond, roundTripMs, cutShare } = link;
  const options = { bytesPerSecond, delayMs: roundTripMs / 2, clock };
  const ways = { up: createWay(options), down: createWay(options) };
  const cuts = createCuts(cutShare);
  const uncut = createCuts(0);
  const proxy = (port: number, cutter: () => Cutter) =>
    listen(forward({ port, ways, roundTripMs, cutter }));
  const control = createHttpServer((message, response) => {
    response.end(JSON.stringify(cuts.counts(message.method === "POST")));
  });
  const [siteUrl, storageUrl, controlUrl] = await Promise.all([
    proxy(sitePort, uncut.cutter),
    proxy(storagePort, cuts.cutter),
    listen(control),
  ]);
  return { siteUrl, storageUrl, controlUrl };
});

type Way = ReturnType<typeof createWay>;

function forward(options: {
  port: number;
  ways: { up: Way; down: Way };
  roundTripMs: number;
  cutter: () => Cutter;
}): Server {
  const { port, ways, roundTripMs } = options;
  return createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    const server = connect({ port, host: "127.0.0.1", allowHalfOpen: true, noDelay: true });
    const cutter = options.cutter();
    const up = ways.up(farEnd(client, server));
    const down = ways.down(farEnd(server, client));
    const close = () => {
      up.drop();
      down.drop();
      client.destroy();
      server.destroy();
    };
    const cut = () => {
      close();
      client.resetAndDestroy();
    };
    // Until the handshake would be over, nothing is read.
    client.pause();
    setTimeout(() => client.resume(), roundTripMs);
    pump(client, up, (chunk) => cutter.sent(chunk) && cut());
    pump(server, down, () => cutter.answered());
    for (const socket of [client, server]) socket.on("error", close).on("close", close);
  });
}

function pump(from: Socket, lane: Lane, look: (chunk: Buffer) => void): void {
  from.on("data", (chunk) => {
    look(chunk);
    if (!from.destroyed && !lane.push(chunk)) from.pause();
  });
  from.on("end", () => lane.end());
}

function farEnd(from: Socket, to: Socket) {
  return {
    deliver: (bytes: Uint8Array) => void to.write(bytes),
    end: () => void to.end(),
    backlogBytes: () => to.writableLength,
    onRoom: () => void from.resume(),
  };
}
