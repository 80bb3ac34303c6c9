/** How a connection fails. */

/**
 * The other side could not be reached, fell silent, hung up, or does not speak HTTP/1.1. `code` is the system's
 * (`ECONNRESET`) or ours: `WIRE_SILENT`, `WIRE_CLOSED`, `WIRE_PROTOCOL`, `WIRE_STOPPED`. No message ever holds a URL.
 */
export class BrokenConnection extends Error {
  readonly code: string;

  constructor(code: string, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = "BrokenConnection";
    this.code = code;
  }
}
