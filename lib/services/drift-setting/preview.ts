/** What other drift settings would change, by the differences of now. */
import {
  comparedNodes,
  type DriftingLane,
  driftingLanes,
  type LaneTally,
  laneTallies,
} from "#db/queries/drift-setting";
import {
  type DriftSettingsPreview,
  NODE_EFFECTS,
  type PreviewDriftSettingsBody,
} from "#lib/contracts/drift-setting";
import type { DriftSettings } from "#lib/domain/drift-settings";
import { type Weight, weigh } from "#lib/domain/drift-weigh";
import type { ServiceContext } from "#lib/services/context";
import { domainFor } from "#lib/services/domain";
import { readScope } from "#lib/services/guard";
import { settingsNow } from "./get.ts";

const NAMED = 200;
/** Nodes that differ and are asked. */
const ASKED = 20_000;

type NodeEffect = (typeof NODE_EFFECTS)[number];

/** Weighed by the code that weighs an assessment; both sides, so that what is compared is alike. */
export async function previewDriftSettings(
  ctx: ServiceContext,
  { settings: proposed }: PreviewDriftSettingsBody,
): Promise<DriftSettingsPreview> {
  const scope = readScope(ctx, "drift:tune");
  const trustDomainId = domainFor({ ...ctx.actor, trustDomainIds: scope });
  const now = ctx.now();
  return ctx.db.transaction(
    async (tx) => {
      const { settings: current } = await settingsNow(tx, trustDomainId);
      const nodes = await comparedNodes(tx, trustDomainId, now);
      const lanes = await driftingLanes(tx, trustDomainId, { now, nodes: ASKED + 1 });
      const byNode = [...Map.groupBy(lanes, ({ nodeId }) => nodeId)];
      const asked = byNode.slice(0, ASKED);
      const nodeIds = asked.map(([nodeId]) => nodeId);
      const tallies = Map.groupBy(await laneTallies(tx, trustDomainId, { now, nodeIds }), laneKey);
      const judged = asked.map(([, own]) => judge(own, tallies, { current, proposed }));
      return {
        ...summaryOf(judged, nodes),
        findings: findingsOf([...tallies.values()].flat(), { current, proposed }),
        partial: judged.filter(({ partial }) => partial).length,
        complete: byNode.length <= ASKED,
      };
    },
    { isolationLevel: "repeatable read", accessMode: "read only" },
  );
}

type Sides = { current: DriftSettings; proposed: DriftSettings };
type Judged = {
  nodeId: string;
  name: string;
  from: NodeEffect;
  to: NodeEffect;
  why: string;
  partial: boolean;
};

const laneKey = ({ nodeId, sourceId, submod }: { nodeId: string; sourceId: string; submod: string }) =>
  JSON.stringify([nodeId, sourceId, submod]);

/** One node: the worst of its lanes on either side. */
function judge(
  lanes: readonly DriftingLane[],
  tallies: ReadonlyMap<string, readonly LaneTally[]>,
  { current, proposed }: Sides,
): Judged {
  const own = lanes.map((lane) => tallies.get(laneKey(lane)) ?? []);
  const [before, after] = [current, proposed].map((side) => worstOf(own.map((tally) => weigh(tally, side))));
  const listed = own.flat().reduce((sum, { count }) => sum + count, 0);
  const [{ nodeId = "", name = "" } = {}] = lanes;
  return {
    ...{ nodeId, name },
    from: before?.effect ?? "none",
    to: after?.effect ?? "none",
    why: after?.lifted ?? "no threshold is reached any more",
    partial: listed < lanes.reduce((sum, { counted }) => sum + counted, 0),
  };
}

const rankOf = (effect: Weight["effect"]) => NODE_EFFECTS.indexOf(effect ?? "none");

function worstOf(weights: readonly Weight[]): Weight | undefined {
  return weights.toSorted((a, b) => rankOf(b.effect) - rankOf(a.effect))[0];
}

function summaryOf(
  judged: readonly Judged[],
  nodes: number,
): Pick<DriftSettingsPreview, "nodes" | "effects" | "moves"> {
  const moving = judged.filter(({ from, to }) => from !== to);
  // Nodes that were not asked, because nothing differs on them, are where they were.
  const rest = nodes - judged.length;
  const count = (side: "from" | "to", effect: NodeEffect) =>
    judged.filter((one) => one[side] === effect).length + (effect === "none" ? rest : 0);
  return {
    nodes,
    effects: NODE_EFFECTS.map((effect) => ({
      effect,
      current: count("from", effect),
      proposed: count("to", effect),
    })),
    moves: {
      total: moving.length,
      items: moving
        .slice(0, NAMED)
        .map(({ nodeId, name, from, to, why }) => ({ nodeId, name, from, to, why })),
    },
  };
}

function findingsOf(tallies: readonly LaneTally[], { current, proposed }: Sides) {
  const sum = (some: readonly LaneTally[]) => some.reduce((total, { count }) => total + count, 0);
  const reweighed = tallies.filter(
    ({ layer, class: cls }) => current[layer].weights[cls] !== proposed[layer].weights[cls],
  );
  return { total: sum(tallies), reweighed: sum(reweighed) };
}
