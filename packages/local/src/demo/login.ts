/**
 * A creator's login without a browser: the same redirects, with the sandbox's consent form posted by hand. Answers the
 * session as a `Cookie` header.
 */

/** As the sandbox seeds them. */
const demoCreator = "demo.creator";

export async function logIn(options: {
  url: string;
  sandboxUrl: string;
  /** The sandbox's username. */
  creator?: string;
  /** A session that the account is added to; without one the creator becomes a user. */
  session?: string;
}): Promise<string> {
  const { session } = options;
  const query = session === undefined ? "" : "?add=1";
  const begun = await get(`${options.url}/api/auth/tiktok${query}`, session);
  const authorize = new URL(locationOf(begun));
  const form = new URLSearchParams(authorize.searchParams);
  form.set("creator", options.creator ?? demoCreator);
  form.set("decision", "allow");
  const consented = await fetch(`${options.sandboxUrl}/v2/auth/consent`, {
    method: "POST",
    body: form,
    redirect: "manual",
  });
  const cookies = [cookiesOf(begun), session].filter((one) => one !== undefined).join("; ");
  const called = await get(locationOf(consented), cookies);
  const landing = locationOf(called);
  const refusal = new URL(landing, options.url).searchParams.get("login_error");
  if (refusal !== null) throw new Error(`the login was refused: ${refusal}`);
  return cookiesOf(called);
}

function get(url: string, cookie?: string): Promise<Response> {
  return fetch(url, { redirect: "manual", headers: cookie === undefined ? {} : { cookie } });
}

function locationOf(response: Response): string {
  const location = response.headers.get("location");
  if (location === null) throw new Error(`no redirect, but ${response.status}`);
  return location;
}

/** The cookies that were set, without those that were cleared. */
function cookiesOf(response: Response): string {
  return response.headers
    .getSetCookie()
    .map((line) => line.split(";")[0] ?? "")
    .filter((pair) => !pair.endsWith("="))
    .join("; ");
}
