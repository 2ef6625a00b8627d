/** Teleport: the audit log, as JSON lines. */
import { BOOTSTRAP_EVENT_TYPE, type Source } from "#lib/sources/contract";
import { interpretDocuments } from "#lib/sources/shared/batch";
import { textAt } from "#lib/sources/shared/members";
import { redact } from "#lib/sources/shared/redact";
import { readAuditEvent } from "./audit-event.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** Instances and trusted devices: joined, enrolled, locked. People's sessions are ignored. */
export const teleportSource: Source = {
  kind: "teleport",
  label: "Teleport audit log",
  guide: "connect-teleport",
  eventTypes: [BOOTSTRAP_EVENT_TYPE],
  unsignedAllowed: true,
  defaults: {
    nodeIdPointer: null,
    acceptPastMs: DAY_MS,
    acceptFutureMs: 5 * MINUTE_MS,
    staleAfterMs: null,
  },
  interpret: (message, context) =>
    interpretDocuments(message, context, {
      redact(document) {
        // Teleport masks the secret part of a token; a name that shows in full would admit machines.
        const isMasked = /^\*{4,}/.test(textAt(document, "token_name") ?? "");
        return redact(document, [...(isMasked ? [] : [["token_name"]]), ["device", "credential"]]);
      },
      read: (document, _, digest) => readAuditEvent(document, digest),
    }),
};
