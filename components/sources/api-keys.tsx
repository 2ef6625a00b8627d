"use client";

import { useState } from "react";
import type { ApiKeyView } from "#lib/contracts/source";
import { GuardedButton } from "../shell/guarded-button.tsx";
import { Badge } from "../ui/badge.tsx";
import { useNow } from "../ui/clock.tsx";
import { EmptyState } from "../ui/empty-state.tsx";
import { Table, TableBody, TableCell, TableFrame, TableHead, TableHeader, TableRow } from "../ui/table.tsx";
import { Timestamp } from "../ui/timestamp.tsx";
import { RevokeKeyDialog } from "./revoke-key-dialog.tsx";

type Props = {
  sourceId: string;
  keys: readonly ApiKeyView[];
  /** Why the person may not revoke them; `null` when allowed. */
  reason: string | null;
};

/** API keys with which the source may send. */
export function ApiKeys({ sourceId, keys, reason }: Props) {
  if (keys.length === 0) {
    return (
      <EmptyState title="No API keys">Nothing can be sent to this source until there is one.</EmptyState>
    );
  }
  return (
    <TableFrame id="api-keys" tabIndex={-1}>
      <Table aria-label="API keys">
        <TableHead>
          <tr>
            <TableHeader>Prefix</TableHeader>
            <TableHeader className="max-md:hidden">Scopes</TableHeader>
            <TableHeader className="max-md:hidden">Created</TableHeader>
            <TableHeader>Expires</TableHeader>
            <TableHeader className="max-md:hidden">Last used</TableHeader>
            <TableHeader>
              <span className="sr-only">Revoke</span>
            </TableHeader>
          </tr>
        </TableHead>
        <TableBody>
          {keys.map((key) => (
            <ApiKeyRow key={key.id} sourceId={sourceId} apiKey={key} reason={reason} />
          ))}
        </TableBody>
      </Table>
    </TableFrame>
  );
}

function ApiKeyRow({
  sourceId,
  apiKey,
  reason,
}: Pick<Props, "sourceId" | "reason"> & { apiKey: ApiKeyView }) {
  const now = useNow();
  const [asking, setAsking] = useState(false);
  const { prefix, scopes, createdAt, expiresAt, lastUsedAt, revokedAt } = apiKey;
  return (
    <TableRow>
      <TableCell className="font-mono text-small">
        {prefix}… {revokedAt !== null && <Badge>Revoked</Badge>}
        {revokedAt === null && Date.parse(expiresAt) <= now && <Badge tone="warn">Expired</Badge>}
        <span className="block text-muted md:hidden">{scopes.join(", ")}</span>
      </TableCell>
      <TableCell className="font-mono text-small text-muted max-md:hidden">{scopes.join(", ")}</TableCell>
      <TableCell className="max-md:hidden">
        <Timestamp iso={createdAt} />
      </TableCell>
      <TableCell>
        <Timestamp iso={expiresAt} absolute />
      </TableCell>
      <TableCell className="text-muted max-md:hidden">
        {lastUsedAt === null ? "never" : <Timestamp iso={lastUsedAt} />}
      </TableCell>
      <TableCell className="text-right">
        {revokedAt === null && (
          <GuardedButton
            size="sm"
            reason={reason}
            aria-label={`Revoke API key ${prefix}…`}
            onClick={() => setAsking(true)}
          >
            Revoke
          </GuardedButton>
        )}
        <RevokeKeyDialog sourceId={sourceId} apiKey={apiKey} open={asking} onOpenChange={setAsking} />
      </TableCell>
    </TableRow>
  );
}
