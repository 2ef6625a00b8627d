/** The drift settings that hold, and who set what before. */
import type { Conn } from "#db/client";
import { settingVersions } from "#db/queries/drift-setting";
import { trustDomainRows } from "#db/queries/trust-domain";
import type { DriftSettingsView } from "#lib/contracts/drift-setting";
import { BUILT_IN, DEFAULT_SETTINGS, type DriftSettings } from "#lib/domain/drift-settings";
import type { ServiceContext } from "#lib/services/context";
import { domainFor } from "#lib/services/domain";
import { readScope } from "#lib/services/guard";

const HISTORY = 50;

export async function driftSettingsView(ctx: ServiceContext): Promise<DriftSettingsView> {
  const scope = readScope(ctx, "drift:read");
  const trustDomainId = domainFor({ ...ctx.actor, trustDomainIds: scope });
  const versions = await settingVersions(ctx.db, trustDomainId, HISTORY);
  const [newest] = versions;
  const [domain] = await trustDomainRows(ctx.db, [trustDomainId]);
  return {
    trustDomain: domain?.name ?? "",
    version: newest?.version ?? BUILT_IN.version,
    settings: newest?.content ?? DEFAULT_SETTINGS,
    defaults: DEFAULT_SETTINGS,
    history: versions.map(({ version, validFrom, authorEmail, reason }) => ({
      ...{ version, reason },
      at: validFrom.toISOString(),
      by: authorEmail,
    })),
  };
}

/** What holds in a domain now. */
export async function settingsNow(
  conn: Conn,
  trustDomainId: string,
): Promise<{ version: number; settings: DriftSettings; fromMs: number }> {
  const [newest] = await settingVersions(conn, trustDomainId, 1);
  if (!newest) return BUILT_IN;
  return { version: newest.version, settings: newest.content, fromMs: newest.validFrom.getTime() };
}
