"use client";

import Link from "next/link";
import { displayText, formatCount, middleEllipsis } from "#lib/client/format";
import { paths } from "#lib/client/paths";
import type { SourceKeyView } from "#lib/contracts/source";
import { useDisabledReason } from "../shell/account-context.tsx";
import { Badge } from "../ui/badge.tsx";
import { buttonClass } from "../ui/button.tsx";
import { CopyButton } from "../ui/copy-button.tsx";
import { EmptyState } from "../ui/empty-state.tsx";
import { HostileText } from "../ui/hostile-text.tsx";
import { Table, TableBody, TableCell, TableFrame, TableHead, TableHeader, TableRow } from "../ui/table.tsx";
import { Timestamp } from "../ui/timestamp.tsx";

/** Public keys that may vouch for the source's messages. */
export function SigningKeys({
  sourceId,
  keys,
  needed,
}: {
  sourceId: string;
  keys: readonly SourceKeyView[];
  needed: boolean;
}) {
  const reason = useDisabledReason("change:propose");
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
            <TableHeader>
              <span className="sr-only">Actions</span>
            </TableHeader>
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
              </TableCell>
              <TableCell className="text-right">
                {reason === null && (
                  <Link
                    href={paths.distrustKey(sourceId, key.kid)}
                    className={buttonClass("secondary", "sm")}
                    aria-label={`Distrust key ${displayText(key.kid).text}…`}
                  >
                    Distrust…
                  </Link>
                )}
              </TableCell>
            </TableRow>
          ))}
        </TableBody>
      </Table>
    </TableFrame>
  );
}
