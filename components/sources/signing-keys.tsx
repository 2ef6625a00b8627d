"use client";

import Link from "next/link";
import { useState } from "react";
import { displayText, formatCount, middleEllipsis } from "#lib/client/format";
import { paths } from "#lib/client/paths";
import type { SourceKeyView } from "#lib/contracts/source";
import { useDisabledReason } from "../shell/account-context.tsx";
import { GuardedButton } from "../shell/guarded-button.tsx";
import { Badge } from "../ui/badge.tsx";
import { buttonClass } from "../ui/button.tsx";
import { CopyButton } from "../ui/copy-button.tsx";
import { EmptyState } from "../ui/empty-state.tsx";
import { HostileText } from "../ui/hostile-text.tsx";
import { Table, TableBody, TableCell, TableFrame, TableHead, TableHeader, TableRow } from "../ui/table.tsx";
import { Timestamp } from "../ui/timestamp.tsx";
import { ActivateKeyDialog } from "./activate-key-dialog.tsx";
import { RetireKeyDialog } from "./retire-key-dialog.tsx";

type Props = {
  sourceId: string;
  keys: readonly SourceKeyView[];
  /** Whether messages of this kind must be signed. */
  needed: boolean;
  /** Why the person may not change them; `null` when allowed. */
  reason: string | null;
};

/** Public keys and shared secrets that may vouch for the source's messages, and the steps of a rotation. */
export function SigningKeys({ sourceId, keys, needed, reason }: Props) {
  if (keys.length === 0) {
    return (
      <EmptyState title="No signing keys registered">
        {needed
          ? "Messages of this kind must be signed, so everything is refused until a key is registered."
          : "Messages are believed on the API key alone; their signature status says so."}
      </EmptyState>
    );
  }
  return (
    <>
      <TableFrame id="signing-keys" tabIndex={-1}>
        <Table aria-label="Signing keys">
          <TableHead>
            <tr>
              <TableHeader>Key ID</TableHeader>
              <TableHeader>State</TableHeader>
              <TableHeader className="max-md:hidden">Valid from</TableHeader>
              <TableHeader className="max-md:hidden">Valid to</TableHeader>
              <TableHeader>Last used</TableHeader>
              <TableHeader>
                <span className="sr-only">Next step</span>
              </TableHeader>
            </tr>
          </TableHead>
          <TableBody>
            {keys.map((key) => (
              <KeyRow key={key.kid} sourceId={sourceId} signingKey={key} keys={keys} reason={reason} />
            ))}
          </TableBody>
        </Table>
      </TableFrame>
      <ol className="m-3 flex max-w-[76ch] list-decimal flex-col gap-1 pl-4 text-small text-muted">
        <li>
          Prepare: register the new key. It is believed at once, next to the old one, so nothing is refused.
        </li>
        <li>Let the sender sign with it, then activate it.</li>
        <li>
          Once the old key is no longer used, retire it. What it signs after its grace period is refused; what
          it signed before still counts.
        </li>
      </ol>
    </>
  );
}

const TONES = { prepared: "warn", active: "accent", retired: "neutral", distrusted: "danger" } as const;

function KeyRow({
  sourceId,
  signingKey: key,
  keys,
  reason,
}: Pick<Props, "sourceId" | "keys" | "reason"> & { signingKey: SourceKeyView }) {
  const [asking, setAsking] = useState<"activate" | "retire" | null>(null);
  const lastActive = !keys.some(({ kid, state }) => kid !== key.kid && state === "active");
  const noRetiring =
    reason ??
    (key.state === "active" && lastActive ? "Activate another key first: none would be left." : null);
  const mayDistrust = useDisabledReason("change:propose") === null;
  const short = middleEllipsis(key.kid, 12);
  return (
    <TableRow>
      <TableCell className="font-mono text-small">
        <span className="inline-flex items-center gap-1" title={key.kid}>
          <HostileText text={key.kid} max={28} />
          <CopyButton value={key.kid} label={`Copy key ID ${short}`} />
        </span>
        <span className="block text-muted">
          {key.alg}, {key.secret ? "shared secret" : "public key"}
        </span>
      </TableCell>
      <TableCell>
        <Badge tone={TONES[key.state]}>{key.state}</Badge>
        {key.distrustedSince !== null && (
          <span className="block text-small text-muted">
            since <Timestamp iso={key.distrustedSince} absolute />
          </span>
        )}
        {key.rederiving && (
          <span role="status" className="block text-small">
            History is being derived anew: {formatCount(key.rederiving.done)} of{" "}
            {formatCount(key.rederiving.total)} nodes
          </span>
        )}
      </TableCell>
      <TableCell className="max-md:hidden">
        <Timestamp iso={key.validFrom} />
      </TableCell>
      <TableCell className="text-muted max-md:hidden">
        {key.validTo === null ? "no end" : <Timestamp iso={key.validTo} absolute />}
        {key.acceptUntil !== null && key.acceptUntil !== key.validTo && (
          <span className="block">
            counts until <Timestamp iso={key.acceptUntil} absolute />
          </span>
        )}
      </TableCell>
      <TableCell className="text-muted">
        {key.lastUsedAt === null ? "not yet" : <Timestamp iso={key.lastUsedAt} />}
      </TableCell>
      <TableCell className="text-right">
        <span className="inline-flex flex-wrap justify-end gap-2">
          {key.state === "prepared" && (
            <GuardedButton
              size="sm"
              reason={reason}
              aria-label={`Activate key ${short}`}
              onClick={() => setAsking("activate")}
            >
              Activate
            </GuardedButton>
          )}
          {(key.state === "prepared" || key.state === "active") && (
            <GuardedButton
              size="sm"
              reason={noRetiring}
              aria-label={`Retire key ${short}`}
              onClick={() => setAsking("retire")}
            >
              Retire
            </GuardedButton>
          )}
          {mayDistrust && (
            <Link
              href={paths.distrustKey(sourceId, key.kid)}
              className={buttonClass("secondary", "sm")}
              aria-label={`Distrust key ${displayText(key.kid).text}…`}
            >
              Distrust…
            </Link>
          )}
        </span>
        <ActivateKeyDialog
          sourceId={sourceId}
          signingKey={key}
          open={asking === "activate"}
          onOpenChange={(open) => setAsking(open ? "activate" : null)}
        />
        <RetireKeyDialog
          sourceId={sourceId}
          signingKey={key}
          open={asking === "retire"}
          onOpenChange={(open) => setAsking(open ? "retire" : null)}
        />
      </TableCell>
    </TableRow>
  );
}
