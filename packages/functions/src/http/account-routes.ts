/** The caller and their TikTok accounts. */
import { accountKey, accountsOf, disconnect } from "@clipcast/core/auth";
import { contentTypes } from "@clipcast/core/post";
import { creatorInfo } from "@clipcast/core/uploads";
import { Hono } from "hono/tiny";
import { accountRequest, type MeResponse, type SessionResponse } from "../contract.ts";
import type { ApiDeps } from "../deps.ts";
import { accept, readBody } from "./body.ts";
import { readCall } from "./call.ts";
import { type Env, signedIn, whoCalls } from "./session.ts";
import { accountView, creatorView } from "./views.ts";

export function accountRoutes(deps: ApiDeps) {
  const routes = new Hono<Env>();

  routes.get("/me", signedIn(deps), async (c) => {
    const answer: MeResponse = await describe(deps, c.get("userId"));
    return c.json(answer);
  });

  routes.get("/session", async (c) => {
    const caller = await whoCalls(deps, c);
    const answer: SessionResponse =
      caller.userId === null
        ? { isSignedIn: false, hasExpired: caller.hasExpired }
        : { isSignedIn: true, me: await describe(deps, caller.userId) };
    return c.json(answer);
  });

  routes.delete("/accounts/:id", signedIn(deps), async (c) => {
    const { accountId } = accept(accountRequest, { accountId: c.req.param("id") });
    await disconnect(deps, { userId: c.get("userId"), openId: accountId });
    return c.body(null, 204);
  });

  routes.post("/tiktok/creator-info", async (c) => {
    const {
      userId,
      request,
      deps: ready,
    } = await readCall(deps, c, {
      read: () => readBody(c, accountRequest),
      rowsOf: (claimed, { accountId }) => [accountKey(claimed, accountId)],
    });
    const info = await creatorInfo(ready, { userId, openId: request.accountId });
    return c.json(creatorView(info));
  });

  return routes;
}

async function describe(deps: ApiDeps, userId: string): Promise<MeResponse> {
  const accounts = await accountsOf(deps, userId);
  return {
    userId,
    accounts: accounts.map(accountView),
    limits: { maxFileBytes: deps.settings.maxFileBytes, contentTypes: [...contentTypes] },
    isAudited: deps.settings.isAudited,
  };
}
