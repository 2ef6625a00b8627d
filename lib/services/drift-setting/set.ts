/** Deciding how heavily differences weigh. */
import { clientOf } from "#db/client";
import { driftHold, driftMarkAll } from "#db/queries/drift-dirty";
import { settingInsert } from "#db/queries/drift-setting";
import { SetDriftSettingsBody } from "#lib/contracts/drift-setting";
import type { DriftSettings } from "#lib/domain/drift-settings";
import { LAYERS } from "#lib/domain/layers";
import { ProblemError } from "#lib/domain/problems";
import { personActor } from "#lib/services/change-request/person";
import { command } from "#lib/services/command";
import { domainFor } from "#lib/services/domain";
import { settingsNow } from "./get.ts";

/**
 * Save settings as a new version. It holds from now on: turning a weight rewrites no history.
 *
 * @throws {ProblemError} `drift-setting/moved` when another version holds than the one that was looked at,
 *   `drift-setting/unchanged`
 */
export const setDriftSettings = command({
  name: "drift.tune",
  permission: "drift:tune",
  input: SetDriftSettingsBody,
  async run(tx, ctx, { version: seen, settings, reason }) {
    const actor = personActor(ctx.actor);
    const trustDomainId = domainFor(actor);
    await driftHold(clientOf(tx), trustDomainId);
    const before = await settingsNow(tx, trustDomainId);
    if (before.version !== seen) {
      throw new ProblemError(
        "drift-setting/moved",
        `Version ${before.version} holds now, and you looked at version ${seen}.`,
      );
    }
    const changed = changedLayers(before.settings, settings);
    if (changed.length === 0) throw new ProblemError("drift-setting/unchanged", "Nothing would change.");
    // Versions follow each other in time as well, also when a clock was put back.
    const at = new Date(Math.max(ctx.now().getTime(), before.fromMs));
    const version = before.version + 1;
    const row = { trustDomainId, version, content: settings, reason, author: actor.id, validFrom: at };
    await settingInsert(tx, row);
    await driftMarkAll(clientOf(tx), trustDomainId, at.getTime(), ctx.now());
    return {
      result: { version },
      audit: {
        trustDomainId,
        entity: "drift_setting",
        entityId: String(version),
        before: { version: before.version, ...of(before.settings, changed) },
        after: { version, ...of(settings, changed), reason },
      },
    };
  },
});

type LayerName = (typeof LAYERS)[number];

function changedLayers(before: DriftSettings, after: DriftSettings): LayerName[] {
  const textOf = ({ weights, degradeAt, failAt }: DriftSettings[LayerName]) =>
    JSON.stringify([
      weights.authorised,
      weights.benign,
      weights.unexplained,
      weights.malicious_like,
      degradeAt,
      failAt,
    ]);
  return LAYERS.filter((layer) => textOf(before[layer]) !== textOf(after[layer]));
}

const of = (settings: DriftSettings, layers: readonly LayerName[]) =>
  Object.fromEntries(layers.map((layer) => [layer, settings[layer]]));
