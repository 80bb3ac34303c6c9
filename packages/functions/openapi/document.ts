/**
 * The API described for machines, made from the contract's schemas. None of this is deployed: what the API serves is
 * src/http/openapi-packed.ts, which `node packages/functions/openapi/write.ts` writes from here. Every cold start would
 * otherwise read the schemas of all answers, only to describe them to somebody who asks once a month. Tests hold the two
 * together, and both to the routes that exist.
 */
import * as z from "zod/mini";
import * as contract from "../src/contract.ts";

interface Operation {
  method: "get" | "post" | "put" | "delete";
  path: string;
  summary: string;
  request?: z.core.$ZodType;
  response?: z.core.$ZodType;
  status: number;
  parameters?: Parameter[];
}

interface Parameter {
  name: string;
  in: "path" | "query" | "header";
  required: boolean;
  schema: z.core.$ZodType;
}

/** What no body carries: all but the parts of a path may be left out. */
const parameter = (place: Parameter["in"], name: string, schema: z.core.$ZodType): Parameter => ({
  name,
  in: place,
  required: place === "path",
  schema,
});

const post = (path: string, summary: string, request: z.core.$ZodType, response: z.core.$ZodType) =>
  ({ method: "post", path, summary, request, response, status: 200 }) satisfies Operation;

export const operations: Operation[] = [
  { method: "get", path: "/api/health", summary: "Version, stage and dependencies", status: 200 },
  { method: "get", path: "/api/openapi.json", summary: "This document", status: 200 },
  {
    method: "get",
    path: "/api/auth/tiktok",
    summary: "Begin a login at TikTok",
    status: 302,
    parameters: [
      parameter("query", "return_to", z.string()),
      parameter("query", "add", z.literal("1")),
    ],
  },
  {
    method: "get",
    path: "/api/auth/tiktok/callback",
    summary: "Where TikTok sends the browser back",
    status: 302,
  },
  post(
    "/api/auth/tiktok/refresh",
    "Refresh an account's tokens",
    contract.accountRequest,
    contract.refreshResponse,
  ),
  { method: "post", path: "/api/auth/logout", summary: "End the session", status: 204 },
  {
    method: "get",
    path: "/api/me",
    summary: "The caller and their accounts",
    response: contract.meResponse,
    status: 200,
  },
  {
    method: "get",
    path: "/api/session",
    summary: "The caller and their accounts, or that nobody is signed in",
    response: contract.sessionResponse,
    status: 200,
  },
  {
    method: "delete",
    path: "/api/accounts/{id}",
    summary: "Disconnect an account and revoke its grant",
    status: 204,
    parameters: [parameter("path", "id", contract.accountRequest.shape.accountId)],
  },
  post(
    "/api/tiktok/creator-info",
    "What the creator may choose now",
    contract.accountRequest,
    contract.creatorInfoResponse,
  ),
  {
    ...post(
      "/api/tiktok/upload-init",
      "Begin a publication; takes Idempotency-Key",
      contract.initRequest,
      contract.initResponse,
    ),
    status: 201,
    parameters: [parameter("header", "Idempotency-Key", contract.idempotencyKey)],
  },
  {
    ...post("/api/tiktok/upload-chunk", "Sign parts", contract.signRequest, contract.signResponse),
    method: "put",
  },
  post(
    "/api/tiktok/upload-parts",
    "The parts that storage has",
    contract.publicationRequest,
    contract.partsResponse,
  ),
  post(
    "/api/tiktok/upload-complete",
    "Complete the upload and queue the publication",
    contract.publicationRequest,
    contract.publicationResponse,
  ),
  post(
    "/api/tiktok/upload-status",
    "State and progress",
    contract.publicationRequest,
    contract.publicationResponse,
  ),
  post(
    "/api/tiktok/publish-retry",
    "Another attempt with the stored video",
    contract.publicationRequest,
    contract.publicationResponse,
  ),
  post(
    "/api/tiktok/publish-cancel",
    "Cancel",
    contract.publicationRequest,
    contract.publicationResponse,
  ),
  {
    method: "get",
    path: "/api/publications",
    summary: "The caller's publications, newest first",
    response: contract.listResponse,
    status: 200,
    parameters: [
      parameter("query", "limit", contract.listQuery.shape.limit),
      parameter("query", "cursor", contract.listQuery.shape.cursor),
    ],
  },
];

export function openApiDocument(version: string) {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const operation of operations) {
    paths[operation.path] = {
      ...paths[operation.path],
      [operation.method]: describe(operation),
    };
  }
  const info = { title: "ClipCast Publish", version };
  return { openapi: "3.1.0", info, paths, components: { schemas: componentSchemas() } };
}

function describe({ summary, request, response, status, parameters }: Operation) {
  return {
    summary,
    ...(parameters
      ? { parameters: parameters.map((one) => ({ ...one, schema: inline(one.schema) })) }
      : {}),
    ...(request ? { requestBody: { required: true, content: json(inline(request)) } } : {}),
    responses: {
      [status]: {
        description: summary,
        ...(response ? { content: json(reference(response)) } : {}),
      },
      default: {
        description: "Problem details (RFC 9457)",
        content: { "application/problem+json": { schema: reference(contract.problem) } },
      },
    },
  };
}

/** What an answer is or has in it, described once. */
const components = z.registry<{ id: string }>();
for (const [id, schema] of Object.entries({
  Account: contract.accountView,
  CreatorInfo: contract.creatorInfoResponse,
  Init: contract.initResponse,
  List: contract.listResponse,
  Me: contract.meResponse,
  Parts: contract.partsResponse,
  Problem: contract.problem,
  Publication: contract.publicationView,
  PublicationAnswer: contract.publicationResponse,
  Refresh: contract.refreshResponse,
  Session: contract.sessionResponse,
  Sign: contract.signResponse,
  SignedPart: contract.signedPart,
})) {
  components.add(schema, { id });
}

const uri = (id: string) => `#/components/schemas/${id}`;

function reference(schema: z.core.$ZodType) {
  const named = components.get(schema);
  if (named === undefined) throw new Error("an answer of the contract is not among the components");
  return { $ref: uri(named.id) };
}

function componentSchemas() {
  const { schemas } = z.toJSONSchema(components, { uri, io: "output" });
  return Object.fromEntries(Object.entries(schemas).map(([id, schema]) => [id, bare(schema)]));
}

/** What a caller sends is described where it is sent. */
const inline = (schema: z.core.$ZodType) => bare(z.toJSONSchema(schema, { io: "input" }));

/** OpenAPI 3.1 names the dialect and the place of its schemas itself. */
function bare({ $schema: _, $id: __, ...schema }: z.core.JSONSchema.BaseSchema) {
  return schema;
}

function json(schema: object) {
  return { "application/json": { schema } };
}
