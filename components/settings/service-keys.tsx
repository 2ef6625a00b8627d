"use client";

import { useState } from "react";
import { type KeyEnd, keyEnd } from "#lib/client/key-end";
import type { ServiceAccountView, ServiceKeyView } from "#lib/contracts/service-account";
import { GuardedButton } from "../shell/guarded-button.tsx";
import { Badge } from "../ui/badge.tsx";
import { useNow } from "../ui/clock.tsx";
import { Timestamp } from "../ui/timestamp.tsx";
import { RevokeServiceKeyDialog, RotateServiceKeyDialog } from "./service-key-dialogs.tsx";

/** The keys of an account that count, and below them those that are over. */
export function ServiceKeys({ account, reason }: { account: ServiceAccountView; reason: string | null }) {
  const now = useNow();
  const over = (key: ServiceKeyView) => ["revoked", "ended"].includes(keyEnd(key, now));
  const [live, gone] = [account.keys.filter((key) => !over(key)), account.keys.filter(over)];
  return (
    <>
      {live.length > 0 && (
        <ul aria-label={`Keys of ${account.name}`} className="flex flex-col">
          {live.map((key) => (
            <ServiceKey key={key.id} account={account} apiKey={key} reason={reason} />
          ))}
        </ul>
      )}
      {gone.length > 0 && (
        <details>
          <summary className="touch w-fit cursor-pointer text-small text-muted">
            Keys that are over ({gone.length})
          </summary>
          <ul aria-label={`Keys of ${account.name} that are over`} className="flex flex-col">
            {gone.map((key) => (
              <ServiceKey key={key.id} account={account} apiKey={key} reason={reason} />
            ))}
          </ul>
        </details>
      )}
    </>
  );
}

const END_BADGE: Readonly<Record<KeyEnd, { tone: "neutral" | "warn" | "danger"; text: string } | null>> = {
  revoked: { tone: "neutral", text: "Revoked" },
  ended: { tone: "neutral", text: "Ended" },
  now: { tone: "danger", text: "Ends within three days" },
  soon: { tone: "warn", text: "Ends within two weeks" },
  far: null,
};

function ServiceKey({
  account,
  apiKey,
  reason,
}: {
  account: ServiceAccountView;
  apiKey: ServiceKeyView;
  reason: string | null;
}) {
  const [rotating, setRotating] = useState(false);
  const [revoking, setRevoking] = useState(false);
  const { prefix, scopes, expiresAt, lastUsedAt, revokedAt, replacedBy } = apiKey;
  const end = keyEnd(apiKey, useNow());
  const badge = END_BADGE[end];
  const counts = end !== "revoked" && end !== "ended";
  return (
    <li className="flex flex-wrap items-start justify-between gap-x-4 gap-y-1 border-t border-line py-1.5 text-small">
      <div className="min-w-0">
        <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
          <code className="font-mono">ts_{prefix}…</code>
          {badge && <Badge tone={badge.tone}>{badge.text}</Badge>}
          {replacedBy !== null && <span className="text-muted">replaced by ts_{replacedBy}…</span>}
        </p>
        <p className="font-mono break-words text-muted">{scopes.join(" ")}</p>
        <p className="text-muted">
          {revokedAt === null ? (end === "ended" ? "Ended " : "Ends ") : "Revoked "}
          <Timestamp iso={revokedAt ?? expiresAt} absolute />,{" "}
          {lastUsedAt === null ? "never used" : "last used "}
          {lastUsedAt !== null && <Timestamp iso={lastUsedAt} />}
        </p>
      </div>
      {counts && (
        <div className="flex gap-2">
          {replacedBy === null && (
            <GuardedButton
              size="sm"
              reason={reason}
              aria-label={`Rotate key ts_${prefix}…`}
              onClick={() => setRotating(true)}
            >
              Rotate
            </GuardedButton>
          )}
          <GuardedButton
            size="sm"
            reason={reason}
            aria-label={`Revoke key ts_${prefix}…`}
            onClick={() => setRevoking(true)}
          >
            Revoke
          </GuardedButton>
        </div>
      )}
      <RotateServiceKeyDialog account={account} apiKey={apiKey} open={rotating} onOpenChange={setRotating} />
      <RevokeServiceKeyDialog account={account} apiKey={apiKey} open={revoking} onOpenChange={setRevoking} />
    </li>
  );
}
