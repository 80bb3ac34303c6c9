/**
 * A port that is taken, in words that say which one and what to do.
 */
export class PortTakenError extends Error {
  override readonly name = "PortTakenError";
}

/** Runs `start`; a port that is taken becomes a PortTakenError naming the option that changes it. */
export async function withPort<T>(
  port: { purpose: string; option: string; number: number },
  start: () => Promise<T>,
): Promise<T> {
  try {
    return await start();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
    throw new PortTakenError(
      `Port ${port.number} (${port.purpose}) is taken by another program. Choose another with ${port.option}.`,
      { cause: error },
    );
  }
}
