/** A system that takes Standard Webhooks: it knows a repetition by its id, and refuses what is not signed. */
import { type FakeSystem, startFake } from "./conduct.ts";

export type ReceiverFake = FakeSystem & {
  /** Body by id, each once. */
  taken: Map<string, { type: string; data: Record<string, unknown> }>;
};

/** @param accepts whether the signature is right, for those who check it */
export async function startReceiver(
  accepts: (body: string, headers: Record<string, string>) => boolean = () => true,
): Promise<ReceiverFake> {
  const taken: ReceiverFake["taken"] = new Map();
  const fake = await startFake(({ method, body, headers }, effects) => {
    const id = headers["webhook-id"];
    if (method !== "POST" || id === undefined) return { status: 400, body: {} };
    if (!accepts(body, headers as Record<string, string>)) return { status: 401, body: {} };
    if (!taken.has(id)) effects.push(`take ${id}`);
    taken.set(id, JSON.parse(body));
    return { status: 202, body: "" };
  });
  return Object.assign(fake, { taken });
}
