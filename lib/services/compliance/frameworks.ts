/** The frameworks that there are. */
import { frameworkControlCount, frameworkVersions, ownFrameworkList } from "#db/queries/own-framework";
import type { FrameworkList } from "#lib/contracts/control";
import { FRAMEWORKS, MAPPING_VERSION } from "#lib/domain/measure/frameworks";
import { OWN_CAUTION, ownFrameworkId, versionAt } from "#lib/domain/measure/own-framework";
import type { ServiceContext } from "#lib/services/context";
import { reviewScope } from "#lib/services/guard";
import { frameworkView, ownView } from "./framework-of.ts";

/** For reviews as well: what a framework says has no time. Built-in ones, then imported ones, each in the version that counts now, or else in the newest. */
export async function frameworks(ctx: ServiceContext): Promise<FrameworkList> {
  const { scope } = reviewScope(ctx, "compliance:read");
  const now = ctx.now();
  const items = FRAMEWORKS.map((framework) => frameworkView({ framework, own: null }));
  for (const row of await ownFrameworkList(ctx.db, scope)) {
    const versions = await frameworkVersions(ctx.db, row, now);
    const course = versions.map((version) => ({
      ...version,
      validFromMs: version.validFrom.getTime(),
      recordedAtMs: version.recordedAt.getTime(),
    }));
    const version = versionAt(course, { atMs: now.getTime(), knownAtMs: now.getTime() }) ?? versions[0];
    if (!version) continue;
    items.push({
      ...{ id: ownFrameworkId(row.id), title: version.title, edition: version.edition },
      caution: OWN_CAUTION,
      controls: await frameworkControlCount(ctx.db, version),
      own: ownView({ row, version }),
    });
  }
  return { mappingVersion: MAPPING_VERSION, items };
}
