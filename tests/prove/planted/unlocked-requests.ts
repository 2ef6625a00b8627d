/** The planted bug of A11: requests of remediation are changed without their lock, and without looking at what changed. */
import { Client } from "pg";

type Query = (...args: unknown[]) => unknown;

/** @returns puts it back */
export function plantUnlockedRequests(): () => void {
  const { query } = Client.prototype as unknown as { query: Query };
  const patched: Query = function patched(this: Client, ...args) {
    const [first, ...rest] = args;
    const text = (first as { text?: string } | null)?.text;
    if (text === undefined || !text.includes('"remediation_request"')) return query.apply(this, args);
    const unlocked = text
      .replace(/ for update$/, "")
      .replace(/"remediation_request"\."(?:state|revision)" = (\$\d+)\)/g, "$1::text IS NOT NULL)")
      .replace(/"remediation_request"\."(?:state|revision)" = (\$\d+) and/g, "$1::text IS NOT NULL and");
    const changed = text.startsWith("update") || text.endsWith(" for update") ? unlocked : text;
    return query.apply(this, [{ ...(first as object), text: changed }, ...rest]);
  };
  Object.assign(Client.prototype, { query: patched });
  return () => void Object.assign(Client.prototype, { query });
}
