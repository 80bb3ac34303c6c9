// Which URLs an app may have pulled (fact sheet §7.5, §14). Pure.

/** null: the URL lies within a verified property; otherwise the rule that it breaks. */
export function judgeOwnership(
  videoUrl: string,
  verified: { domains: string[]; prefixes: string[] },
): string | null {
  if (!URL.canParse(videoUrl)) return "§7.5 video_url is not a URL";
  const url = new URL(videoUrl);
  if (url.protocol !== "https:") return "§7.5 video_url must be https";
  if (/^[\d.]+$/.test(url.hostname) || url.hostname.startsWith("[")) {
    return "§14 the host must be a domain, never an IP";
  }
  // A domain covers its subdomains, not its parent; a prefix covers exactly what begins with it.
  const isInDomain = verified.domains.some(
    (domain) => url.hostname === domain || url.hostname.endsWith(`.${domain}`),
  );
  const isUnderPrefix = verified.prefixes.some((prefix) => url.href.startsWith(prefix));
  return isInDomain || isUnderPrefix ? null : "§14 no verified property covers this URL";
}
