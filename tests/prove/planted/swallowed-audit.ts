/** The planted bug of A9: an audit entry that cannot be written is forgotten. */
import { Client } from "pg";

type Query = (...args: unknown[]) => unknown;

const textOf = (first: unknown) =>
  typeof first === "string" ? first : ((first as { text?: string })?.text ?? "");

/** @returns puts it back */
export function plantSwallowedAudit(): () => void {
  const { query } = Client.prototype as unknown as { query: Query };
  const planted = async function planted(this: Client, ...args: unknown[]) {
    const run = (text: string) => query.call(this, text) as Promise<unknown>;
    await run("SAVEPOINT audit").catch(() => {});
    try {
      return await (query.apply(this, args) as Promise<unknown>);
    } catch {
      await run("ROLLBACK TO SAVEPOINT audit").catch(() => {});
      return { rows: [], rowCount: 1, fields: [], command: "INSERT", oid: 0 };
    }
  };
  const patched: Query = function patched(this: Client, ...args) {
    const isAudit = /insert into "?audit_(entry|pending)/i.test(textOf(args[0]));
    return (isAudit ? planted : query).apply(this, args);
  };
  Object.assign(Client.prototype, { query: patched });
  return () => void Object.assign(Client.prototype, { query });
}
