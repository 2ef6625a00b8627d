/** Trying whether a sink can be told something. */
import { sinkFind } from "#db/queries/sink";
import type { SinkTested } from "#lib/contracts/sink";
import { testEventOf } from "#lib/domain/siem/test-event";
import { auditRead } from "#lib/services/audit/record-read";
import type { ServiceContext } from "#lib/services/context";
import { readScope } from "#lib/services/guard";
import { uuidv7 } from "#lib/services/uuidv7";
import { SinkError } from "#lib/sinks/contract";
import { noSink } from "./list.ts";
import { openSink } from "./open.ts";
import type { SinkTools } from "./tools.ts";

const TAKEN = "The receiver took the test event.";

/**
 * Send an event that says nothing happened, also to a sink that is off. No transaction is open meanwhile, and where the
 * sink stands does not change. Goes on the record before it is sent.
 *
 * @throws {ProblemError} `sink/not-found`
 */
export async function testSink(
  ctx: ServiceContext,
  sinkId: string,
  tools: SinkTools,
  signal: AbortSignal,
): Promise<SinkTested> {
  const row = await sinkFind(ctx.db, readScope(ctx, "sink:manage"), sinkId);
  if (!row) throw noSink(sinkId);
  const { trustDomainId } = row;
  const now = ctx.now();
  const id = uuidv7(now);
  await auditRead(ctx, "sink.test", {
    trustDomainId,
    entity: "sink",
    entityId: sinkId,
    after: { eventId: id },
  });
  try {
    const open = openSink(tools, row);
    const event = testEventOf({ trustDomainId, id, nowMs: now.getTime() }, open.emitter);
    await open.deliver([event], now.getTime(), signal);
    return { ok: true, detail: TAKEN };
  } catch (error) {
    if (error instanceof SinkError) return { ok: false, detail: error.message };
    throw error;
  }
}
