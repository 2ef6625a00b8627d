/**
 * The database could not be started or kept. The message is one line written for the operator.
 *
 * `exitCode` is what the process should exit with: 4 when another Touchstone already owns the
 * data directory, 1 otherwise.
 */
export class EmbeddedError extends Error {
  readonly exitCode: 1 | 4;

  constructor(message: string, options: { exitCode?: 1 | 4; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "EmbeddedError";
    this.exitCode = options.exitCode ?? 1;
  }
}

/** The refusal a second launcher gets. Exit code 4, so that scripts can tell it from a failure. */
export function alreadyRuns(
  dataDir: string,
  detail = "stop it first, or set TOUCHSTONE_DATA_DIR to another directory",
): EmbeddedError {
  return new EmbeddedError(`another Touchstone already runs on ${dataDir}: ${detail}`, { exitCode: 4 });
}
