/** A connection of its own that waits for change hints from the database. */
import "server-only";
import { Client } from "pg";
import { CHANGE_CHANNEL } from "#db/queries/change";
import { log } from "./log.ts";

const RETRY_MIN_MS = 500;
const RETRY_MAX_MS = 10_000;

export type ChangeListener = { close: () => void };

/**
 * Listen, and listen again whenever the connection breaks.
 *
 * @param handlers `onGap` is told when listening begins again after a break: hints may be lost
 */
export function listenForChanges(
  url: string,
  handlers: { onPayload: (payload: string) => void; onGap: () => void },
): ChangeListener {
  let client: Client | null = null;
  let timer: NodeJS.Timeout | null = null;
  let closed = false;
  let delayMs = RETRY_MIN_MS;
  let first = true;

  const again = (broken: Client) => {
    if (closed || client !== broken) return;
    client = null;
    broken.end().catch(() => {});
    timer = setTimeout(connect, delayMs).unref();
    delayMs = Math.min(delayMs * 2, RETRY_MAX_MS);
  };
  const connect = () => {
    const own = new Client({ connectionString: url, application_name: "touchstone-stream", keepAlive: true });
    client = own;
    own.on("error", (error) => {
      log().warn({ err: error }, "change listener lost its connection");
      again(own);
    });
    own.on("end", () => again(own));
    own.on("notification", ({ payload }) => payload && handlers.onPayload(payload));
    own
      .connect()
      .then(() => own.query(`LISTEN ${CHANGE_CHANNEL}`))
      .then(() => {
        delayMs = RETRY_MIN_MS;
        if (!first) handlers.onGap();
        first = false;
      })
      .catch(() => again(own));
  };
  connect();
  return {
    close: () => {
      closed = true;
      if (timer) clearTimeout(timer);
      client?.end().catch(() => {});
    },
  };
}
