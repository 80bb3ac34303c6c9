/** The API described for machines, made from the contract's schemas. A test compares it with the routes that exist. */
import * as z from "zod";
import * as contract from "../contract.ts";

interface Operation {
  method: "get" | "post" | "put" | "delete";
  path: string;
  summary: string;
  request?: z.ZodType;
  response?: z.ZodType;
  status: number;
  parameters?: Parameter[];
}

interface Parameter {
  name: string;
  in: "path" | "query" | "header";
  required: boolean;
  schema: z.ZodType;
}

/** What no body carries: all but the parts of a path may be left out. */
const parameter = (place: Parameter["in"], name: string, schema: z.ZodType): Parameter => ({
  name,
  in: place,
  required: place === "path",
  schema,
});

const post = (path: string, summary: string, request: z.ZodType, response: z.ZodType) =>
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
  return { openapi: "3.1.0", info: { title: "ClipCast Publish", version }, paths };
}

function describe({ summary, request, response, status, parameters }: Operation) {
  return {
    summary,
    ...(parameters
      ? { parameters: parameters.map((one) => ({ ...one, schema: z.toJSONSchema(one.schema) })) }
      : {}),
    ...(request ? { requestBody: { required: true, content: json(request, "input") } } : {}),
    responses: {
      [status]: {
        description: summary,
        ...(response ? { content: json(response, "output") } : {}),
      },
      default: {
        description: "Problem details (RFC 9457)",
        content: {
          "application/problem+json": { schema: z.toJSONSchema(contract.problem) },
        },
      },
    },
  };
}

function json(schema: z.ZodType, io: "input" | "output") {
  return { "application/json": { schema: z.toJSONSchema(schema, { io }) } };
}
