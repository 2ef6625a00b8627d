/** `COPY … FROM STDIN` of one buffer, which the driver knows how to send but offers no way to ask for. */
import type { ClientBase, Connection, Submittable } from "pg";

/** What the driver's connection can do beyond its published types. */
type CopyConnection = Connection & {
  sendCopyFromChunk: (chunk: Buffer) => void;
  endCopyFrom: () => void;
};

/**
 * Send rows to a table and wait for its answer.
 *
 * @param statement ends in `FROM STDIN …`; `data` is in the format that it names
 * @throws the server's error, after which the transaction is aborted like after any other
 */
export function copyIn(client: ClientBase, statement: string, data: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    client.query(new CopyIn(statement, data, (error) => (error ? reject(error) : resolve())));
  });
}

/** The driver calls these methods as the server's messages come in. */
class CopyIn implements Submittable {
  readonly #statement: string;
  readonly #data: Buffer;
  /** The driver replaces it when a time limit for queries is set, and expects to find it here. */
  callback: (error: Error | null) => void;

  constructor(statement: string, data: Buffer, done: (error: Error | null) => void) {
    this.#statement = statement;
    this.#data = data;
    this.callback = done;
  }

  submit(connection: Connection): void {
    connection.query(this.#statement);
  }

  handleCopyInResponse(connection: CopyConnection): void {
    connection.sendCopyFromChunk(this.#data);
    connection.endCopyFrom();
  }

  handleCommandComplete(): void {}

  /** The driver forgets a statement that failed: nothing more is heard of it. */
  handleError(error: Error): void {
    this.#finish(error);
  }

  handleReadyForQuery(): void {
    this.#finish(null);
  }

  #finish(error: Error | null): void {
    const { callback } = this;
    this.callback = () => {};
    callback(error);
  }
}
