"use client";

import { Popover } from "radix-ui";
import { Badge } from "#components/ui/badge";
import { CopyButton } from "#components/ui/copy-button";
import { HostileText } from "#components/ui/hostile-text";
import { Timestamp } from "#components/ui/timestamp";
import { formatPlural } from "#lib/client/format";
import type { IdentityView, IncarnationView } from "#lib/contracts/node";
import { IDENTITY_KINDS, type IdentityKind } from "#lib/domain/verdict";

/** How the node is named by its sources: the strongest name in the header, all of them on request. */
export function IdentityList({
  identities,
  incarnations,
}: {
  identities: readonly IdentityView[];
  incarnations: readonly IncarnationView[];
}) {
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
                    incarnations={incarnations}
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

const ROLE: Readonly<
  Record<IdentityView["role"], { tone: "accent" | "neutral"; title: string; word: string }>
> = {
  anchor: {
    tone: "accent",
    word: "anchor",
    title: "Belongs to the machine: another value is refused until two people agree on a rebind",
  },
  name: {
    tone: "accent",
    word: "strong",
    title: "It may decide on its own which node an event belongs to",
  },
  provisioning: {
    tone: "accent",
    word: "strong",
    title: "Belongs to one provisioning: a new value means that the machine was provisioned again",
  },
  weak: {
    tone: "neutral",
    word: "weak",
    title: "Another machine can take it over: it never proves who a node is",
  },
};

function Identity({
  identity: { kind, value, role, incarnationId, validFrom, validTo },
  incarnations,
}: {
  identity: IdentityView;
  incarnations: readonly IncarnationView[];
}) {
  const { tone, word, title } = ROLE[role];
  const number = incarnations.findIndex(({ id }) => id === incarnationId);
  const incarnation = incarnations[number];
  return (
    <li className="flex items-start gap-2 px-2 py-1.5 text-small">
      <div className="min-w-0 flex-1">
        <p className="flex items-center gap-2">
          <span className="label">{kindWords(kind)}</span>
          <Badge tone={tone} title={title}>
            {word}
          </Badge>
          {incarnation && (
            <Badge
              title={`${incarnation.why}. ${incarnation.closedAt === null ? "It holds now." : "It has ended."}`}
            >
              incarnation {number + 1} of {incarnations.length}
            </Badge>
          )}
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
