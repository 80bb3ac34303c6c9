/**
 * What has been started, in order, to be ended in the opposite order, also when a start fails or is
 * called off halfway.
 *
 * A step that does not end in time is left behind: stopping has three seconds in all, and nothing
 * here may hold it up.
 */
export type CloseStack = {
  /** Ends it at once when the stack has been closed already. */
  defer(close: () => unknown): void;
  /** Ends everything once; later calls wait for the first. Never rejects. */
  close(): Promise<void>;
};

export const closeStepMsMax = 1200;

export function createCloseStack(onProblem: (line: string) => void): CloseStack {
  const steps: (() => unknown)[] = [];
  let closing: Promise<void> | null = null;

  async function run(step: () => unknown): Promise<void> {
    const late = Promise.withResolvers<void>();
    const timer = setTimeout(late.resolve, closeStepMsMax);
    try {
      await Promise.race([step(), late.promise]);
    } catch (error) {
      onProblem(`while stopping: ${String(error)}`);
    } finally {
      clearTimeout(timer);
    }
  }

  async function runAll(): Promise<void> {
    for (let step = steps.pop(); step !== undefined; step = steps.pop()) await run(step);
  }

  return {
    defer(close) {
      if (closing === null) steps.push(close);
      else closing = closing.then(() => run(close));
    },
    close() {
      closing ??= runAll();
      return closing;
    },
  };
}
