/** What previews of baselines need of ingest: the computation that decides. */
import "server-only";
import { baselineImpact } from "#lib/ingest/baseline-impact";
import type { MovesOf } from "#lib/services/baseline/moves";

export const movesOf: MovesOf = ({ db, now }, trustDomainId, proposal, instantsMs) =>
  baselineImpact(db.$client, trustDomainId, proposal, instantsMs, now());
