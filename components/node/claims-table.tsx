import { Check, CircleHelp, CircleSlash, Minus, OctagonX, TriangleAlert, Unplug } from "lucide-react";
import type { ComponentType } from "react";
import { Table, TableBody, TableCell, TableHead, TableHeader, TableRow } from "#components/ui/table";
import {
  CLAIM_WORDS,
  claimSentence,
  MEANING_HINTS,
  MEANING_WORDS,
  TIER_WORDS,
} from "#lib/client/verdict-words";
import { CLAIMS, type ClaimMeaning, statedClaims, type TrustVector } from "#lib/domain/ar4si";

/** A sign of its own for each meaning: bad, unknown and unverifiable are never merged. */
const SIGNS: Record<ClaimMeaning, ComponentType<{ className?: string; "aria-hidden"?: boolean }>> = {
  no_claim: Minus,
  good: Check,
  known_weakness: TriangleAlert,
  known_bad: OctagonX,
  not_recognised: CircleHelp,
  could_not_verify: Unplug,
};

/** What the verifier states, claim by claim, and about what it says nothing. */
export function ClaimsTable({ vector }: { vector: readonly number[] }) {
  const stated = statedClaims(vector as unknown as TrustVector);
  const silent = CLAIMS.filter((claim) => !stated.some((row) => row.claim === claim));
  return (
    <>
      {stated.length > 0 && (
        <div className="@container">
          <Table>
            <caption className="sr-only">AR4SI claims of this verdict</caption>
            <TableHead>
              <tr>
                <TableHeader>Claim</TableHeader>
                <TableHeader numeric>Value</TableHeader>
                <TableHeader className="@max-[520px]:hidden">Tier</TableHeader>
                <TableHeader>Meaning</TableHeader>
              </tr>
            </TableHead>
            <TableBody>
              {stated.map(({ claim, value, tier, meaning }) => {
                const Sign = SIGNS[meaning];
                return (
                  <TableRow key={claim}>
                    <TableCell className="whitespace-nowrap @max-[520px]:whitespace-normal">
                      {CLAIM_WORDS[claim]}
                      <span className="block font-mono text-label text-muted">{claim}</span>
                    </TableCell>
                    <TableCell numeric className="font-mono">
                      {value}
                    </TableCell>
                    <TableCell className="whitespace-nowrap text-muted @max-[520px]:hidden">
                      {TIER_WORDS[tier]}
                    </TableCell>
                    <TableCell>
                      <span title={MEANING_HINTS[meaning]} className="flex items-center gap-1.5 font-medium">
                        <Sign aria-hidden className="size-4 shrink-0" />
                        {MEANING_WORDS[meaning]}
                      </span>
                      <span className="block text-small text-muted">
                        {claimSentence(claim, value)}
                        <span className="hidden @max-[520px]:inline">
                          {" "}
                          · {TIER_WORDS[tier].toLowerCase()}
                        </span>
                      </span>
                    </TableCell>
                  </TableRow>
                );
              })}
            </TableBody>
          </Table>
        </div>
      )}
      {silent.length > 0 && (
        <p className="flex items-start gap-1.5 px-3 py-2 text-small text-muted">
          <CircleSlash aria-hidden className="mt-px size-3.5 shrink-0" />
          <span>
            {stated.length === 0 ? "The verifier makes no claim at all" : "No claim about"}
            {stated.length > 0 && `: ${silent.map((claim) => CLAIM_WORDS[claim].toLowerCase()).join(", ")}`}
          </span>
        </p>
      )}
    </>
  );
}
