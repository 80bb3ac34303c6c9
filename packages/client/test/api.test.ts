/** The typed API: one request per call, refusals as `ApiError`, silence as `NetworkError`. */
import { describe, expect, it } from "vitest";
import { type ApiOptions, createApi } from "../src/api.ts";
import { ApiError, NetworkError } from "../src/errors.ts";
import { signBatchMax } from "../src/signer.ts";
import { publication } from "./fake-backend.ts";
import { createVirtualTime } from "./virtual-time.ts";

function answering(answer: () => Response | Promise<Response>, options: Partial<ApiOptions> = {}) {
  const requests: { url: string; init: RequestInit }[] = [];
  const send: typeof fetch = async (input, init = {}) => {
    requests.push({ url: String(input), init });
    return answer();
  };
  return { api: createApi({ baseUrl: "https://app.test", fetch: send, ...options }), requests };
}
const json =
  (body: unknown, status = 200, headers = {}) =>
  () =>
    new Response(JSON.stringify(body), { status, headers });

describe("each call", () => {
  it("goes to its route with its body", async () => {
    const { api, requests } = answering(json({ publication: publication("queued"), parts: [] }));
    await api.session();
    await api.me();
    await api.creatorInfo("a");
    await api.refresh("a");
    await api.sign({ publicationId: "p", parts: [{ partNumber: 1, crc32: "AAAAAA==" }] });
    await api.parts("p");
    await api.complete("p");
    await api.status("p");
    await api.cancel("p");
    await api.list({ limit: 5, cursor: "c&d" });
    await api.logout();
    await api.removeAccount("a/b");
    const told = requests.map(({ url, init }) =>
      [init.method, url.replace("https://app.test", ""), init.body].filter(Boolean).join(" "),
    );
    expect(told).toEqual([
      "GET /api/session",
      "GET /api/me",
      'POST /api/tiktok/creator-info {"accountId":"a"}',
      'POST /api/auth/tiktok/refresh {"accountId":"a"}',
      'PUT /api/tiktok/upload-chunk {"publicationId":"p","parts":[{"partNumber":1,"crc32":"AAAAAA=="}]}',
      'POST /api/tiktok/upload-parts {"publicationId":"p"}',
      'POST /api/tiktok/upload-complete {"publicationId":"p"}',
      'POST /api/tiktok/upload-status {"publicationId":"p"}',
      'POST /api/tiktok/publish-cancel {"publicationId":"p"}',
      "GET /api/publications?limit=5&cursor=c%26d",
      "POST /api/auth/logout {}",
      "DELETE /api/accounts/a%2Fb",
    ]);
  });

  it("carries the caller's headers, asked for anew each time", async () => {
    let cookie = "first";
    const headers = () => ({ Cookie: cookie });
    const { api, requests } = answering(json({}), { headers });
    await api.me();
    cookie = "second";
    await api.me();
    expect(requests.map(({ init }) => new Headers(init.headers).get("Cookie"))).toEqual([
      "first",
      "second",
    ]);
  });

  it("accepts an answer without a body", async () => {
    const { api } = answering(() => new Response(null, { status: 204 }));
    await expect(api.logout()).resolves.toBeUndefined();
  });
});

describe("a refusal", () => {
  it("becomes an ApiError with all that the problem says", async () => {
    const errors = [{ path: "file.bytes", message: "Too small" }];
    const problem = { code: "invalid_request", detail: "Look again.", errors, retryAfterMs: 7 };
    const { api } = answering(json(problem, 400));
    await expect(api.me()).rejects.toMatchObject({
      name: "ApiError",
      code: "invalid_request",
      status: 400,
      detail: "Look again.",
      retryAfterMs: 7,
      errors,
      isRetryable: false,
    });
  });

  it.each([
    [502, "<html>Bad gateway</html>", "unexpected_answer", true],
    [429, "", "rate_limited", true],
    [404, "null", "unexpected_answer", false],
  ])("by a gateway with status %i becomes one too", async (status, body, code, isRetryable) => {
    const headers = { "Retry-After": "3" };
    const { api } = answering(() => new Response(body, { status, headers }));
    await expect(api.me()).rejects.toMatchObject({ code, status, isRetryable, retryAfterMs: 3000 });
  });

  it("of a repeated complete is success", async () => {
    const view = publication("processing");
    const { api } = answering(json({ code: "upload_already_complete", publication: view }, 409));
    await expect(api.complete("p")).resolves.toEqual(view);
  });
});

describe("silence", () => {
  it("is a NetworkError, told apart from a refusal", async () => {
    const { api } = answering(() => Promise.reject(new TypeError("fetch failed")));
    const failed = api.me();
    await expect(failed).rejects.toBeInstanceOf(NetworkError);
    await expect(failed).rejects.not.toBeInstanceOf(ApiError);
    await expect(failed).rejects.toMatchObject({ code: "network", isRetryable: true });
  });

  it("ends as a timeout", async () => {
    const time = createVirtualTime();
    const send: typeof fetch = (_input, init) =>
      new Promise((_resolve, reject) => {
        init?.signal?.addEventListener("abort", () => reject(init.signal?.reason));
      });
    const { runtime } = time;
    const api = createApi({ baseUrl: "https://app.test", fetch: send, runtime, timeoutMs: 500 });
    await expect(time.run(api.me())).rejects.toMatchObject({ code: "timeout" });
  });

  it("by the caller's own abort rejects with the caller's reason", async () => {
    const reason = new Error("Enough.");
    const { api } = answering(() => Promise.reject(reason));
    await expect(api.me({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });
});

it("builds the login link", () => {
  const { api } = answering(json({}));
  expect(api.loginUrl()).toBe("https://app.test/api/auth/tiktok");
  expect(api.loginUrl({ returnTo: "/?a=b", add: true })).toBe(
    "https://app.test/api/auth/tiktok?return_to=%2F%3Fa%3Db&add=1",
  );
});

it("signs in batches of the size that the contract allows", async () => {
  const contract = await import("@clipcast/functions/contract");
  expect(signBatchMax).toBe(contract.signBatchMax);
});
