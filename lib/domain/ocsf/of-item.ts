/** A fact as the OCSF event that says it. */
import type { FeedItem } from "#lib/domain/feed/fact";
import { apiActivityOf } from "./api-activity.ts";
import { authenticationOf } from "./authentication.ts";
import { complianceFindingOf } from "./compliance.ts";
import { entityManagementOf } from "./entity.ts";
import type { Emitter, OcsfEvent } from "./event.ts";
import { driftFindingOf, incidentFindingOf } from "./finding.ts";
import { remediationOf } from "./remediation.ts";
import { stateChangeOf } from "./state-change.ts";
import { userAccessOf } from "./user-access.ts";

/** `null` = the fact is about a node and names none; nothing could be said of it. */
export function ocsfOf(item: FeedItem, emitter: Emitter): OcsfEvent | null {
  const { fact } = item;
  switch (fact.kind) {
    case "trust":
      return stateChangeOf(item, fact, emitter);
    case "lifecycle":
      return remediationOf(item, fact, emitter) ?? entityManagementOf(item, fact, emitter);
    case "drift":
      return driftFindingOf(item, fact, emitter);
    case "incident":
      return incidentFindingOf(item, fact, emitter);
    case "control":
      return complianceFindingOf(item, fact, emitter);
    case "audit":
      return (
        authenticationOf(item, fact, emitter) ??
        userAccessOf(item, fact, emitter) ??
        apiActivityOf(item, fact, emitter)
      );
  }
}
