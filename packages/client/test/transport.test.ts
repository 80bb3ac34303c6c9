/** The browser's transports and source, on the platform's own Blob and a scripted XMLHttpRequest. */
import { afterEach, describe, expect, it, vi } from "vitest";
import { NetworkError } from "../src/errors.ts";
import { blobSource } from "../src/source.ts";
import { fetchTransport, xhrTransport } from "../src/transport.ts";

class ScriptedXhr {
  static last: ScriptedXhr;
  upload: { onprogress?: (event: { loaded: number }) => void } = {};
  status = 0;
  responseText = "";
  body: unknown;
  onload?: () => void;
  onerror?: () => void;
  onabort?: () => void;
  onloadend?: () => void;
  constructor() {
    ScriptedXhr.last = this;
  }
  headers: Record<string, string> = {};
  open() {}
  setRequestHeader(name: string, value: string) {
    this.headers[name] = value;
  }
  send(body: unknown) {
    this.body = body;
  }
  getAllResponseHeaders() {
    return "content-length: 1\r\nretry-after: 4\r\n";
  }
  abort() {
    this.onabort?.();
    this.onloadend?.();
  }
}

afterEach(() => vi.unstubAllGlobals());

const request = (signal = new AbortController().signal) => ({
  url: "https://storage.test/1",
  headers: { "x-amz-checksum-crc32": "AAAAAA==" },
  body: new Blob(["abcdef"]),
  bytes: 6,
  signal,
  onSent: vi.fn(),
});

describe("xhrTransport", () => {
  it("reports progress and the answer", async () => {
    vi.stubGlobal("XMLHttpRequest", ScriptedXhr);
    const given = request();
    const answer = xhrTransport().put(given);
    const xhr = ScriptedXhr.last;
    xhr.upload.onprogress?.({ loaded: 4 });
    xhr.status = 503;
    xhr.responseText = "<Error><Code>SlowDown</Code></Error>";
    xhr.onload?.();
    expect(await answer).toEqual({ status: 503, code: "SlowDown", retryAfterMs: 4000 });
    expect(given.onSent).toHaveBeenCalledWith(4);
    expect(xhr.body).toBe(given.body);
    expect(xhr.headers).toEqual(given.headers);
  });

  it("tells a network failure from an abort", async () => {
    vi.stubGlobal("XMLHttpRequest", ScriptedXhr);
    const failed = xhrTransport().put(request());
    ScriptedXhr.last.onerror?.();
    await expect(failed).rejects.toBeInstanceOf(NetworkError);

    const stop = new AbortController();
    const aborted = xhrTransport().put(request(stop.signal));
    stop.abort(new Error("Enough."));
    await expect(aborted).rejects.toThrow("Enough.");
  });
});

describe("fetchTransport", () => {
  it("sends the body whole and says that it is silent meanwhile", async () => {
    const transport = fetchTransport(async (_url, init) => {
      expect(init?.body).toBeInstanceOf(Blob);
      expect(init?.headers).toEqual({ "x-amz-checksum-crc32": "AAAAAA==" });
      return new Response(null, { status: 200 });
    });
    const given = request();
    expect(transport.isProgressive).toBe(false);
    expect(await transport.put(given)).toMatchObject({ status: 200 });
    expect(given.onSent).toHaveBeenCalledWith(6);
  });

  it("rejects with a NetworkError when nothing answers", async () => {
    const transport = fetchTransport(() => Promise.reject(new TypeError("fetch failed")));
    await expect(transport.put(request())).rejects.toBeInstanceOf(NetworkError);
  });
});

describe("blobSource", () => {
  it("takes its naming from the file, or from the caller", async () => {
    const file = new File(["abcdef"], "a.mov", { type: "" });
    expect(blobSource(file)).toMatchObject({ name: "a.mov", contentType: "", size: 6 });
    const source = blobSource(file, { contentType: "video/quicktime" });
    expect(source.contentType).toBe("video/quicktime");
    const slice = source.slice(2, 3);
    expect(slice instanceof Blob && (await slice.text())).toBe("cde");
    expect(await source.isIntact()).toBe(true);
  });

  it("notices that the file cannot be read any more", async () => {
    const file = new File(["abcdef"], "a.mp4");
    const source = blobSource(file);
    file.slice = () => {
      throw new DOMException("The file changed.", "NotReadableError");
    };
    expect(await source.isIntact()).toBe(false);
  });
});
