"use client";

import { Popover } from "radix-ui";
import { Badge } from "#components/ui/badge";
import { CopyButton } from "#components/ui/copy-button";
import { HostileText } from "#components/ui/hostile-text";
import { Timestamp } from "#components/ui/timestamp";
import { formatPlural } from "#lib/client/format";
import type { IdentityView } from "#lib/contracts/node";
import { IDENTITY_KINDS, type IdentityKind } from "#lib/domain/verdict";

/** How the node is named by its sources: the strongest name in the header, all of them on request. */
export function IdentityList({ identities }: { identities: readonly IdentityView[] }) {
  const ordered = [...identities].sort(
    (a, b) =>
      Number(a.validTo !== null) - Number(b.validTo !== null) ||
      Number(b.strong) - Number(a.strong) ||
      kindRank(a.kind) - kindRank(b.kind),
  );
  const [first] = ordered;
  if (!first) return null;
  return (
    <div className="flex min-w-0 items-center gap-1.5">
      <dt className="label">Identity</dt>
      <dd className="flex min-w-0 flex-wrap items-center gap-x-1.5">
        <span className="whitespace-nowrap text-muted">{kindWords(first.kind)}</span>
        <HostileText text={first.value} max={22} className="font-mono" />
        <CopyButton value={first.value} label={`Copy ${kindWords(first.kind)}`} />
        <Popover.Root>
          <Popover.Trigger asChild>
            <button type="button" className="touch link whitespace-nowrap">
              {identities.length === 1
                ? "details"
                : `all ${formatPlural(identities.length, "identity", "identities")}`}
            </button>
          </Popover.Trigger>
          <Popover.Portal>
            <Popover.Content
              align="start"
              sideOffset={6}
              collisionPadding={8}
              aria-label="Identities"
              className="z-50 max-h-[60vh] w-[460px] max-w-[calc(100vw-16px)] overflow-y-auto rounded-[6px] border border-line-strong bg-bg p-1"
            >
              <ul>
                {ordered.map((identity) => (
                  <Identity
                    key={`${identity.kind} ${identity.value} ${identity.validFrom}`}
                    identity={identity}
                  />
                ))}
              </ul>
            </Popover.Content>
          </Popover.Portal>
        </Popover.Root>
      </dd>
    </div>
  );
}

function Identity({ identity: { kind, value, strong, validFrom, validTo } }: { identity: IdentityView }) {
  return (
    <li className="flex items-start gap-2 px-2 py-1.5 text-small">
      <div className="min-w-0 flex-1">
        <p className="flex items-center gap-2">
          <span className="label">{kindWords(kind)}</span>
          <Badge
            tone={strong ? "accent" : "neutral"}
            title={
              strong
                ? "Bound to this machine: it may decide on its own which node an event belongs to"
                : "Another machine can take it over: it never proves who a node is"
            }
          >
            {strong ? "strong" : "weak"}
          </Badge>
          {validTo !== null && <Badge>no longer used</Badge>}
        </p>
        <p className="font-mono break-all">
          <HostileText text={value} className="[&_bdi]:whitespace-normal" />
        </p>
        <p className="text-muted">
          since <Timestamp iso={validFrom} absolute />
          {validTo !== null && (
            <>
              {" "}
              until <Timestamp iso={validTo} absolute />
            </>
          )}
        </p>
      </div>
      <CopyButton value={value} label={`Copy ${kindWords(kind)}`} />
    </li>
  );
}

/** `ek_sha256` → `EK SHA-256`. */
function kindWords(kind: string): string {
  return kind
    .replaceAll("_", " ")
    .replace(/\b(ek|ak|id|vm|ip|mac|psa|cca|spiffe|k8s|uid|uuid|ueid)\b/g, (word) => word.toUpperCase())
    .replace("sha256", "SHA-256");
}

/** Kinds are listed from what is welded to the machine to what anybody can take. */
function kindRank(kind: string): number {
  const rank = IDENTITY_KINDS.indexOf(kind as IdentityKind);
  return rank < 0 ? IDENTITY_KINDS.length : rank;
}
