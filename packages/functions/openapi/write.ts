/** Writes what the API serves as its description: the document, deflated, so that a cold start reads a tenth of it. */
import { writeFileSync } from "node:fs";
import { deflateRawSync } from "node:zlib";
import { version } from "../src/http/app.ts";
import { openApiDocument } from "./document.ts";

const packed = deflateRawSync(JSON.stringify(openApiDocument(version)), { level: 9 });
const text = `/** openapi/document.ts, deflated and in base64, as \`node packages/functions/openapi/write.ts\` has written it. */
export const openApiPacked =
  "${packed.toString("base64")}";
`;
writeFileSync(new URL("../src/http/openapi-packed.ts", import.meta.url), text);
