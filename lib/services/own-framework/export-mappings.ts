/** The mappings of an imported framework as a file. */
import { frameworkControls, frameworkVersions, mappingsAt } from "#db/queries/own-framework";
import type { MappingExport } from "#lib/contracts/own-framework";
import { MEASURE_CATALOGUE_VERSION } from "#lib/domain/measure/catalogue";
import { ownRow } from "#lib/services/compliance/framework-of";
import type { ServiceContext } from "#lib/services/context";
import { reviewScope } from "#lib/services/guard";

/** In the order of the controls' ids. @throws {ProblemError} `compliance/unknown-framework`, also for a built-in one */
export async function exportMappings(
  ctx: ServiceContext,
  { frameworkId }: { frameworkId: string },
): Promise<MappingExport> {
  const { scope } = reviewScope(ctx, "compliance:read");
  const now = ctx.now();
  const row = await ownRow(ctx.db, scope, frameworkId);
  const [newest] = await frameworkVersions(ctx.db, row, now);
  if (!newest) throw new Error(`The framework ${frameworkId} has no version`);
  const { title, edition, version, documentUuid, digest } = newest;
  const present = new Set((await frameworkControls(ctx.db, newest)).map(({ id }) => id));
  const mappings = await mappingsAt(ctx.db, row, now);
  return {
    format: "touchstone-mapping/1",
    framework: { id: frameworkId, title, edition, version, documentUuid, digest: digest.toString("hex") },
    catalogueVersion: MEASURE_CATALOGUE_VERSION,
    exportedAt: now.toISOString(),
    mappings: mappings.flatMap((mapping) => {
      const { control, kind, measures, covers, notCovered, reason } = mapping;
      if (kind === "cleared") return [];
      return [
        {
          ...{ control, present: present.has(control), kind, measures, covers, notCovered, reason },
          ...{ madeAt: mapping.recordedAt.toISOString(), madeBy: mapping.recordedByEmail },
        },
      ];
    }),
  };
}
