/**
 * Who a request is from and which TikTok accounts are theirs: login, sessions, accounts and their tokens.
 *
 * A user is created at the first TikTok login and may connect several accounts. Token pairs are sealed before they
 * reach the table and are refreshed by one function at a time.
 */
export {
  type Account,
  accountKey,
  accountsOf,
  findAccount,
  findAccountByOpenId,
  markReconnect,
  nameAccount,
} from "./accounts.ts";
export { withToken } from "./authorized.ts";
export { disconnect } from "./disconnect.ts";
export { beginLogin, finishLogin, LoginRefused, loginLifetimeMs } from "./login.ts";
export { resealTokens } from "./reseal.ts";
export {
  claimedUser,
  createSession,
  endSession,
  findSession,
  sessionLifetimeMs,
} from "./sessions.ts";
export { type FreshToken, refreshAccount, type TokenFnDeps } from "./tokens.ts";
