"use client";

import { Check, Minus, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { StatusBadge } from "#components/fleet/status-badge";
import { Badge } from "#components/ui/badge";
import { Card } from "#components/ui/card";
import { HostileText } from "#components/ui/hostile-text";
import { Timestamp } from "#components/ui/timestamp";
import {
  coverageRows,
  FRESHNESS_WORDS,
  OUTCOME_WORDS,
  signatureWords,
  TIER_WORDS,
} from "#lib/client/verdict-words";
import type { ReasonView } from "#lib/contracts/common";
import type { VerdictDetail, VerdictView } from "#lib/contracts/node";
import { type TrustVector, tierOfVector, worseTier } from "#lib/domain/ar4si";
import { ClaimsTable } from "./claims-table.tsx";
import { EventLogs } from "./event-logs.tsx";
import { JsonTree } from "./json-tree.tsx";
import { MeasurementsTable } from "./measurements-table.tsx";
import { RawEvidence } from "./raw-evidence.tsx";

/** One verdict with everything that it rests on. */
export function VerdictDetailView({ nodeId, detail }: { nodeId: string; detail: VerdictDetail }) {
  const { verdict, measurements, claims, header, eventLogs } = detail;
  return (
    <article aria-label="Verdict" className="flex min-w-0 flex-col gap-3">
      <Summary verdict={verdict} />
      <Warnings verdict={verdict} />
      {verdict.reasons.length > 0 && <Reasons reasons={verdict.reasons} />}
      <Card flush title={<ClaimsTitle verdict={verdict} />}>
        <ClaimsTable vector={verdict.vector} />
      </Card>
      <div className="grid min-w-0 grid-cols-1 gap-3 xl:grid-cols-2">
        <Coverage coverage={verdict.coverage} />
        <Provenance verdict={verdict} />
      </div>
      <MeasurementsTable measurements={measurements} digest={verdict.measurementDigest} />
      <EventLogs nodeId={nodeId} verdict={verdict} carried={eventLogs.length} />
      {claims !== null && <JsonTree title="Decoded claims" value={claims} />}
      {header !== null && <JsonTree title="Protected header" value={header} />}
      <RawEvidence nodeId={nodeId} verdict={verdict} />
    </article>
  );
}

function Summary({ verdict }: { verdict: VerdictView }) {
  return (
    <div className="flex flex-col gap-1">
      <h2 className="flex flex-wrap items-baseline gap-x-3 text-title font-semibold">
        {OUTCOME_WORDS[verdict.outcome]}
        <span className="text-data font-normal">
          <StatusBadge status={verdict.state} />
        </span>
      </h2>
      <p className="flex flex-wrap gap-x-2 text-data text-muted">
        <span>
          Observed <Timestamp iso={verdict.observedAt} absolute className="text-fg" />
        </span>
        <span>
          by <HostileText text={verdict.sourceName} max={40} className="text-fg" />
        </span>
        {verdict.submod !== "" && (
          <span>
            submodule <HostileText text={verdict.submod} max={40} className="font-mono text-small text-fg" />
          </span>
        )}
      </p>
    </div>
  );
}

/** Whatever keeps this verdict from being taken at its word. */
function Warnings({ verdict }: { verdict: VerdictView }) {
  const warnings: string[] = [];
  if (verdict.statusMismatch) {
    warnings.push(
      `The verifier stated a better status than its own claims allow. The worse of the two counts: ${TIER_WORDS[verdict.tier].toLowerCase()}.`,
    );
  }
  if (!verdict.statusMismatch && isWorseThanClaims(verdict)) {
    warnings.push(
      `The verifier's own overall status (${TIER_WORDS[verdict.tier].toLowerCase()}) is worse than every claim below.`,
    );
  }
  if (verdict.outcome === "verified_good" && verdict.coverage.length === 0) {
    warnings.push("A pass, but the verifier does not say what it checked.");
  }
  if (verdict.freshness !== "evidence" && verdict.outcome === "verified_good") {
    warnings.push(FRESHNESS_WORDS[verdict.freshness].sentence);
  }
  if (warnings.length === 0) return null;
  return (
    <ul className="flex flex-col gap-1 rounded-[6px] border border-warn-line bg-warn-bg px-3 py-2 text-data text-warn-fg">
      {warnings.map((warning) => (
        <li key={warning} className="flex items-start gap-2">
          <TriangleAlert aria-hidden className="mt-0.5 size-4 shrink-0" />
          {warning}
        </li>
      ))}
    </ul>
  );
}

/** Legal, and only explained by the verifier's policy: the status may be worse than the claims, never better. */
function isWorseThanClaims({ tier, vector }: VerdictView): boolean {
  const ofClaims = tierOfVector(vector as unknown as TrustVector);
  return ofClaims !== "none" && ofClaims !== tier && worseTier(ofClaims, tier) === tier;
}

function ClaimsTitle({ verdict: { vectorOrigin, mappingVersion } }: { verdict: VerdictView }) {
  return (
    <span className="flex items-center gap-2">
      AR4SI claims
      {vectorOrigin === "native" ? (
        <Badge title="The verifier stated these values itself">native</Badge>
      ) : (
        <Badge
          tone="accent"
          title="The source states no claims: these were derived by a versioned mapping table"
        >
          derived{mappingVersion ? ` · mapping ${mappingVersion}` : ""}
        </Badge>
      )}
    </span>
  );
}

function Reasons({ reasons }: { reasons: readonly ReasonView[] }) {
  return (
    <Card flush title={`Reasons (${reasons.length})`}>
      <ul className="divide-y divide-line">
        {reasons.map((reason, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a verdict's reasons are fixed and may repeat
          <li key={index} className="flex min-w-0 flex-col gap-1 px-3 py-2 text-data">
            <p className="flex flex-wrap items-baseline gap-x-2">
              <HostileText text={reason.code} max={80} className="font-mono text-small font-semibold" />
              {reason.component && <HostileText text={reason.component} max={80} className="text-muted" />}
            </p>
            {reason.detail && <Wrapped text={reason.detail} />}
            {(reason.got !== undefined || reason.expected !== undefined) && (
              <dl className="grid grid-cols-[72px_minmax(0,1fr)] gap-x-2 font-mono text-small">
                <dt className="text-muted">expected</dt>
                <dd className="break-all">
                  {reason.expected === undefined ? "–" : <Wrapped text={reason.expected} />}
                </dd>
                <dt className="text-muted">got</dt>
                <dd className="break-all">
                  {reason.got === undefined ? "–" : <Wrapped text={reason.got} />}
                </dd>
              </dl>
            )}
          </li>
        ))}
      </ul>
    </Card>
  );
}

function Wrapped({ text }: { text: string }) {
  return <HostileText text={text} className="[&_bdi]:break-words [&_bdi]:whitespace-pre-wrap" />;
}

function Coverage({ coverage }: { coverage: VerdictView["coverage"] }) {
  return (
    <Card title="What was checked">
      <ul className="flex flex-col gap-1.5">
        {coverageRows(coverage).map(({ name, checked }) => (
          <li
            key={name}
            className={checked ? "flex items-center gap-1.5" : "flex items-center gap-1.5 text-muted"}
          >
            {checked ? (
              <Check aria-hidden className="size-4" />
            ) : (
              <Minus aria-hidden className="size-4 text-faint" />
            )}
            {name}
            <span className="ml-auto text-small whitespace-nowrap text-muted">
              {checked ? "checked" : "not stated"}
            </span>
          </li>
        ))}
      </ul>
    </Card>
  );
}

function Provenance({ verdict }: { verdict: VerdictView }) {
  const signature = signatureWords(verdict);
  const freshness = FRESHNESS_WORDS[verdict.freshness];
  return (
    <Card title="Who says so">
      <dl className="grid gap-2">
        <Fact name="Signature">
          <span className="font-medium">{signature.label}</span>
          <span className="block text-small text-muted">
            <Wrapped text={signature.sentence} />
          </span>
        </Fact>
        <Fact name="Freshness">
          <span className="font-medium">{freshness.label}</span>
          <span className="block text-small text-muted">{freshness.sentence}</span>
        </Fact>
        <Fact name="Tier">{TIER_WORDS[verdict.tier]}</Fact>
        <Fact name="Policies">
          {verdict.policyIds.length === 0 ? (
            <span className="text-muted">none named</span>
          ) : (
            <ul className="font-mono text-small break-all">
              {verdict.policyIds.map((id) => (
                <li key={id}>
                  <Wrapped text={id} />
                </li>
              ))}
            </ul>
          )}
        </Fact>
        <Fact name="Verifier">
          {verdict.verifierId === null && verdict.verifierBuild === null ? (
            <span className="text-muted">not named</span>
          ) : (
            <span className="font-mono text-small break-all">
              <Wrapped text={[verdict.verifierId, verdict.verifierBuild].filter(Boolean).join(" · ")} />
            </span>
          )}
        </Fact>
        <Fact name="Received">
          <Timestamp iso={verdict.receivedAt} absolute />
          {verdict.backfill && <span className="block text-small text-muted">imported later as history</span>}
        </Fact>
        <Fact name="Valid until">
          {verdict.expiresAt === null ? (
            <span className="text-muted">the source does not say</span>
          ) : (
            <Timestamp iso={verdict.expiresAt} absolute />
          )}
        </Fact>
      </dl>
    </Card>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="grid grid-cols-[88px_minmax(0,1fr)] gap-x-2 text-data">
      <dt className="label pt-0.5">{name}</dt>
      <dd className="min-w-0">{children}</dd>
    </div>
  );
}
