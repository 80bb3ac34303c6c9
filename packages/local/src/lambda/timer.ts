/**
 * The one way time passes for pools and schedules, so that a test can let it pass by itself.
 */

/** Runs `task` after a while; answers how to call it off. */
export type SetTimer = (task: () => void, delayMs: number) => () => void;

/** Real time; a pending task does not keep the host alive. */
export const nodeTimer: SetTimer = (task, delayMs) => {
  const timer = setTimeout(task, delayMs).unref();
  return () => clearTimeout(timer);
};
