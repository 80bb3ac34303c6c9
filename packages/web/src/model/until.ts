/** Moments to come, as the end of a sentence: "at 4:36 PM", "tomorrow at 12:00 AM", "on Nov 25 at 9:00 AM". */
import { strings } from "../strings.ts";

export function formatUntil(atMs: number, nowMs: number, locale?: string): string {
  const at = new Date(atMs);
  const time = at.toLocaleTimeString(locale, { hour: "numeric", minute: "2-digit" });
  const days = dayOf(at) - dayOf(new Date(nowMs));
  if (days <= 0) return strings.moment.today(time);
  if (days === 1) return strings.moment.tomorrow(time);
  const day = at.toLocaleDateString(locale, { day: "numeric", month: "short" });
  return strings.moment.later(day, time);
}

/** Counted in days of the calendar, so that summer time moves none of them. */
function dayOf(date: Date): number {
  return Math.round(Date.UTC(date.getFullYear(), date.getMonth(), date.getDate()) / 86_400_000);
}
