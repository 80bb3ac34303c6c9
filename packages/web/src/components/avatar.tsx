/** A creator's picture; the first letter of the name where there is none, or where TikTok's link has expired. */
import { useState } from "react";

export function Avatar({ url = null, name }: { url?: string | null; name: string }) {
  const [brokenUrl, setBrokenUrl] = useState<string | null>(null);
  if (url === null || url === brokenUrl) {
    return (
      <span className="avatar avatar-letter" aria-hidden="true">
        {(Array.from(name)[0] ?? "?").toUpperCase()}
      </span>
    );
  }
  return (
    <img
      className="avatar"
      src={url}
      alt=""
      referrerPolicy="no-referrer"
      onError={() => setBrokenUrl(url)}
    />
  );
}
