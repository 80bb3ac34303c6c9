/**
 * TLS for the relay benchmark: a certificate for 127.0.0.1 that trusts itself, and a front that speaks TLS for a plain server.
 * The front is the server's cost and none of the contenders'.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { createServer } from "node:tls";
import { generate } from "selfsigned";
import { listen } from "../listen.ts";
import type { Certificate } from "./protocol.ts";

/** Written to the folder, because curl and Node take certificates to trust as files. */
export async function createCertificate(dir: string): Promise<Certificate> {
  const pair = await generate([{ name: "commonName", value: "127.0.0.1" }], {
    keyType: "ec",
    extensions: [{ name: "subjectAltName", altNames: [{ type: 7, ip: "127.0.0.1" }] }],
  });
  const paths = { keyPath: join(dir, "key.pem"), certPath: join(dir, "certificate.pem") };
  writeFileSync(paths.keyPath, pair.private);
  writeFileSync(paths.certPath, pair.cert);
  return paths;
}

export function readPair({ keyPath, certPath }: Certificate): { key: Buffer; cert: Buffer } {
  return { key: readFileSync(keyPath), cert: readFileSync(certPath) };
}

/** Variables by which programs trust the certificate: Node's and curl's. */
export function trusting({ certPath }: Certificate): Record<string, string> {
  return { NODE_EXTRA_CA_CERTS: certPath, CURL_CA_BUNDLE: certPath };
}

export async function startTlsFront(url: string, certificate: Certificate): Promise<string> {
  const { hostname, port } = new URL(url);
  const front = createServer(readPair(certificate), (near) => {
    const far = connect(Number(port), hostname);
    near.pipe(far).pipe(near);
    near.on("error", () => far.destroy());
    far.on("error", () => near.destroy());
  });
  return (await listen(front)).replace("http:", "https:");
}
