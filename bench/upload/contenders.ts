/** Who uploads, and how each is made to. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { startChild } from "../child.ts";
import { uploadInBrowser } from "./browser.ts";
import { nodeFiguresSchema } from "./protocol.ts";

export interface UploadFigures {
  seconds: number;
  cpuSeconds: number | null;
  peakRssBytes: number | null;
  heapBytes?: number;
  longTasks?: number;
  longestTaskMs?: number;
}

export interface UploadJob {
  siteUrl: string;
  path: string;
  timeoutMs: number;
}

export interface UploadContender {
  name: string;
  about: string;
  upload(job: UploadJob): Promise<UploadFigures>;
}

const inBrowser = (page: string) => (job: UploadJob) =>
  uploadInBrowser({ ...job, url: `${job.siteUrl}/${page}` });

export const curlName = "curl";
export const plainName = "plain XHR";
export const uppy6Name = "Uppy 6.3.1";
export const uppy5Name = "Uppy 5.1.0";

/** The scripts that pages load, by their names in `page/`. */
export const pageNames = ["ours", "plain", "uppy-6", "uppy-5"];

export const uploadContenders: UploadContender[] = [
  {
    name: curlName,
    about: "one PUT of the whole file, which nothing breaks: what this machine and this link give",
    upload: uploadWithCurl,
  },
  {
    name: plainName,
    about:
      "six bare XMLHttpRequests at once in Chromium, of URLs known beforehand, without API and checksums: Chromium's own floor here",
    upload: inBrowser("plain"),
  },
  {
    name: uppy6Name,
    about:
      "@uppy/aws-s3 6.3.1 in Chromium with its defaults: part after part, each signed by a request",
    upload: inBrowser("uppy-6"),
  },
  {
    name: uppy5Name,
    about:
      "@uppy/aws-s3 5.1.0 in Chromium with its defaults: six parts at once, each signed by a request",
    upload: inBrowser("uppy-5"),
  },
  {
    name: "ours",
    about: "our client in Chromium, through the API's real routes",
    upload: inBrowser("ours"),
  },
  {
    name: "ours, Node",
    about: "our client in Node; Uppy needs XMLHttpRequest and runs in browsers only",
    upload: uploadInNode,
  },
];

async function uploadInNode({ siteUrl, path }: UploadJob): Promise<UploadFigures> {
  const script = fileURLToPath(new URL("./node.ts", import.meta.url));
  const input = { siteUrl, path };
  const child = await startChild({ path: script, input, answer: nodeFiguresSchema });
  await child.stop();
  return child.answer;
}

async function uploadWithCurl({ siteUrl, path, timeoutMs }: UploadJob): Promise<UploadFigures> {
  const signed = await fetch(`${siteUrl}/uppy/sign`, {
    method: "POST",
    body: JSON.stringify({ method: "PUT", key: "curl" }),
  });
  const { url }: { url: string } = await signed.json();
  const startedMs = performance.now();
  const timeout = String(timeoutMs / 1000);
  const args = ["-sSf", "-m", timeout, "-o", "/dev/null", "-H", "Expect:", "-T", path, url];
  const curl = spawn("curl", args, { stdio: ["ignore", "ignore", "inherit"] });
  const [code] = await once(curl, "exit");
  if (code !== 0) throw new Error(`curl ended with ${code}`);
  const seconds = (performance.now() - startedMs) / 1000;
  return { seconds, cpuSeconds: null, peakRssBytes: null };
}
