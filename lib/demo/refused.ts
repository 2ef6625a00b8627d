/** What a good receiver must refuse: an old token again, and tokens with a foreign key. */
import { type PackOptions, packEvents, tokenOf } from "./envelope.ts";
import { type DemoEvent, lastGoodAppraisalMs } from "./history.ts";
import { type PostTarget, postParcel } from "./post.ts";
import { appraisalsAt } from "./story.ts";
import { makeDemoKey, makeSigner } from "./token.ts";
import type { World } from "./world.ts";

type Sender = { target: PostTarget; pack: Omit<PackOptions, "backfill"> };

const FORGED = 3;

/** The verdict that is sent again later. Its token must be signed once and kept; see {@link keepReplayed}. */
function replayedEvent(world: World): DemoEvent | null {
  const { from } = world.replay;
  const atMs = lastGoodAppraisalMs(world, from);
  const appraisals = atMs === null ? null : appraisalsAt(world, from, atMs);
  if (atMs === null || !appraisals) return null;
  return {
    id: `${from.verifier}/${from.index}/${atMs}`,
    atMs,
    node: from,
    channel: from.verifier,
    appraisals,
  };
}

/** Sign the token that history contains and that comes again afterwards: both must be the same bytes. */
export function keepReplayed(world: World, signers: PackOptions["signers"]): Record<string, string> {
  const event = replayedEvent(world);
  return event ? { [event.id]: tokenOf(event, { signers }) } : {};
}

/**
 * Send everything that must be refused.
 *
 * @param forgedAtMs time that the forged tokens state; they are fresh, only their key is wrong
 * @returns the problem codes that came back, one per refused event
 */
export async function sendRefused(world: World, forgedAtMs: number, sender: Sender): Promise<string[]> {
  const codes: string[] = [];
  const send = async (event: DemoEvent, pack: Omit<PackOptions, "backfill">, backfill: boolean) => {
    const parcel = await packEvents(event.channel, [event], { ...pack, backfill });
    const { rejected } = await postParcel(sender.target, parcel);
    codes.push(...rejected.map(({ problem }) => problem.code));
  };
  const old = replayedEvent(world);
  if (old) {
    // As its own node's, but long after; as another node's; and as another node's history.
    const asOther = { ...old, node: world.replay.to };
    await send(old, sender.pack, false);
    await send(asOther, sender.pack, false);
    await send(asOther, sender.pack, true);
  }
  const { forged } = world;
  const foreign = makeSigner(makeDemoKey("foreign"), `${forged.verifier}-1`);
  for (let n = 0; n < FORGED; n += 1) {
    const atMs = forgedAtMs - n * 1000;
    const appraisals = appraisalsAt(world, forged, atMs);
    if (!appraisals) continue;
    const event: DemoEvent = {
      id: `forged/${atMs}`,
      atMs,
      node: forged,
      channel: forged.verifier,
      appraisals,
    };
    await send(event, { ...sender.pack, signers: { [forged.verifier]: foreign } }, false);
  }
  return codes;
}
