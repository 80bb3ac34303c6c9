/**
 * A creator's first letter. TikTok's picture is left out on purpose: it would be fetched from TikTok's own hosts, which
 * would learn of every visit, change without notice, and let the link die after two hours.
 */
export function Avatar({ name }: { name: string }) {
  return (
    <span className="avatar avatar-letter" aria-hidden="true">
      {(Array.from(name)[0] ?? "?").toUpperCase()}
    </span>
  );
}
