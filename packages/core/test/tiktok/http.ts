/** TikTok's API behind an injected fetch: answers as scripted, and remembers what was asked. */
import { createTikTokApi } from "../../src/tiktok/index.ts";

export interface Answer {
  status?: number;
  body?: string | object;
  headers?: Record<string, string>;
}

export interface Asked {
  url: string;
  method: string;
  headers: Headers;
  body: string;
  redirect: string | undefined;
}

export const config = {
  authorizeUrl: "https://www.tiktok.com/v2/auth/authorize/",
  apiUrl: "https://open.tiktokapis.com",
  uploadHostSuffix: ".tiktokapis.com",
  clientKey: "awexampleclient01",
  clientSecret: "a+secret&more",
  redirectUri: "https://app.example.com/api/auth/tiktok/callback",
};

export function answering(answer: Answer | Error, changes: Partial<typeof config> = {}) {
  const asked: Asked[] = [];
  const fake: typeof fetch = async (input, init) => {
    asked.push({
      url: String(input),
      method: init?.method ?? "",
      headers: new Headers(init?.headers),
      body: String(init?.body ?? ""),
      redirect: init?.redirect,
    });
    if (answer instanceof Error) throw answer;
    const { status = 200, body = "", headers = {} } = answer;
    return new Response(typeof body === "string" ? body : JSON.stringify(body), {
      status,
      headers,
    });
  };
  return { asked, api: createTikTokApi({ ...config, ...changes }, { fetch: fake }) };
}

const logId = "20260901101530ABCDEF0123456789ABCD";

export function ok(data: object): Answer {
  return { body: { data, error: { code: "ok", message: "", log_id: logId } } };
}

export function refusing(status: number, code: string, extra: object = {}): Answer {
  return { status, body: { ...extra, error: { code, message: "No.", log_id: logId } } };
}
