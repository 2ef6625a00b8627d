import { EntryProofParams, LogQuery } from "#lib/contracts/audit";
import { attachment } from "#lib/server/http/attachment";
import { route } from "#lib/server/http/route";
import { entryProof } from "#lib/services/audit/log-resources";

/** GET /api/v1/audit/{seq}/proof — proof that an entry is in the log (C2SP tlog-proof). */
export const GET = route({
  permission: "audit:read",
  operation: "audit.proof",
  summary: "Proof that an entry is in the audit log",
  schemas: { params: EntryProofParams, query: LogQuery },
  output: null,
  async handle(ctx, { params, query }) {
    const text = await entryProof(ctx, { seq: Number(params.seq), domain: query.domain });
    return attachment(text, {
      name: `audit-${params.seq}.tlog-proof`,
      mediaType: "text/plain; charset=utf-8",
    });
  },
});
