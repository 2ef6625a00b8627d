"use client";

import { middleEllipsis } from "#lib/client/format";
import type { SourceKeyView } from "#lib/contracts/source";
import { Badge } from "../ui/badge.tsx";
import { CopyButton } from "../ui/copy-button.tsx";
import { EmptyState } from "../ui/empty-state.tsx";
import { HostileText } from "../ui/hostile-text.tsx";
import { Table, TableBody, TableCell, TableFrame, TableHead, TableHeader, TableRow } from "../ui/table.tsx";
import { Timestamp } from "../ui/timestamp.tsx";

/** Public keys that may vouch for the source's messages. */
export function SigningKeys({ keys, needed }: { keys: readonly SourceKeyView[]; needed: boolean }) {
  if (keys.length === 0) {
    return (
      <EmptyState title="No public keys registered">
        {needed
          ? "Messages of this kind must be signed, so everything is refused until a key is registered."
          : "Messages are believed on the API key alone; their signature status says so."}
      </EmptyState>
    );
  }
  return (
    <TableFrame>
      <Table aria-label="Public keys">
        <TableHead>
          <tr>
            <TableHeader>Key ID</TableHeader>
            <TableHeader>Algorithm</TableHeader>
            <TableHeader>State</TableHeader>
            <TableHeader className="max-md:hidden">Valid from</TableHeader>
            <TableHeader className="max-md:hidden">Valid to</TableHeader>
          </tr>
        </TableHead>
        <TableBody>
          {keys.map((key) => (
            <TableRow key={key.kid}>
              <TableCell className="font-mono text-small">
                <span className="inline-flex items-center gap-1" title={key.kid}>
                  <HostileText text={key.kid} max={28} />
                  <CopyButton value={key.kid} label={`Copy key ID ${middleEllipsis(key.kid, 12)}`} />
                </span>
              </TableCell>
              <TableCell>{key.alg}</TableCell>
              <TableCell>
                <Badge tone={key.state === "distrusted" ? "danger" : "neutral"}>{key.state}</Badge>
              </TableCell>
              <TableCell className="max-md:hidden">
                <Timestamp iso={key.validFrom} />
              </TableCell>
              <TableCell className="text-muted max-md:hidden">
                {key.validTo === null ? "no end" : <Timestamp iso={key.validTo} absolute />}
              </TableCell>
            </TableRow>
          ))}
        </TableBody>
      </Table>
    </TableFrame>
  );
}
