"use client";

import { X } from "lucide-react";
import type { ReactNode } from "react";
import { StatusShape } from "#components/fleet/status-badge";
import { STATUS_LABELS } from "#components/fleet/status-words";
import { TimeLink } from "#components/shell/time-travel";
import { Button, buttonClass, IconButton } from "#components/ui/button";
import { HostileText } from "#components/ui/hostile-text";
import { EVENT_OUTCOME_WORDS, eventWords } from "#lib/client/bootstrap-stages";
import { formatCount, formatDuration, formatInstant } from "#lib/client/format";
import { LIFECYCLE_WORDS } from "#lib/client/lifecycle-words";
import { withParams } from "#lib/client/node";
import { paths } from "#lib/client/paths";
import { provenanceWords } from "#lib/client/provenance-words";
import type { Zone } from "#lib/client/timeline-scale";
import type { Selected } from "#lib/client/timeline-select";
import { stayReason } from "#lib/client/timeline-stays";
import { CLAIM_WORDS, MEANING_WORDS, OUTCOME_WORDS, TIER_WORDS } from "#lib/client/verdict-words";
import type { EventView, IntervalView, LifecycleStay } from "#lib/contracts/node";
import { statedClaims, type TrustVector } from "#lib/domain/ar4si";
import { EventGlyph } from "./event-glyph.tsx";

/** Everything about the selected interval or event, with the way on to its evidence. */
export function SelectionPanel({
  nodeId,
  selected,
  nowMs,
  zone,
  onClose,
  onZoom,
  onKnownAt,
}: {
  nodeId: string;
  selected: Selected;
  nowMs: number;
  zone: Zone;
  onClose: () => void;
  onZoom: () => void;
  onKnownAt: (knownAt: string) => void;
}) {
  return (
    <section aria-label="Selected" className="flex flex-col gap-3 border-t border-line bg-sunken p-3">
      <div className="flex items-start gap-2">
        <div className="min-w-0 flex-1">
          {selected.kind === "interval" && (
            <IntervalTitle interval={selected.interval} label={selected.lane.label} />
          )}
          {selected.kind === "stay" && <StayTitle stay={selected.stay} />}
          {selected.kind === "event" && <EventTitle event={selected.event} />}
        </div>
        <IconButton label="Clear the selection" onClick={onClose}>
          <X aria-hidden />
        </IconButton>
      </div>
      {selected.kind === "stay" && (
        <>
          <StayDetails stay={selected.stay} nowMs={nowMs} zone={zone} />
          <div className="flex flex-wrap gap-2">
            <TimeLink href={paths.nodeBootstrap(nodeId)} className={buttonClass("secondary", "sm")}>
              Open the life cycle
            </TimeLink>
            <Button size="sm" onClick={onZoom}>
              Zoom to it
            </Button>
          </div>
        </>
      )}
      {selected.kind === "interval" && (
        <>
          <IntervalFacts
            interval={selected.interval}
            isTrust={selected.lane.kind === "trust"}
            nowMs={nowMs}
            zone={zone}
          />
          <div className="flex flex-wrap gap-2">
            <TimeLink
              href={withParams(paths.nodeEvidence(nodeId), { before: evidenceUntil(selected) })}
              className={buttonClass("secondary", "sm")}
            >
              {isGap(selected.interval) ? "Open the evidence before it" : "Open evidence"}
            </TimeLink>
            <Button size="sm" onClick={onZoom}>
              Zoom to it
            </Button>
            <Button size="sm" onClick={() => onKnownAt(selected.interval.recordedAt)}>
              As known when it was recorded
            </Button>
          </div>
        </>
      )}
      {selected.kind === "event" && (
        <>
          <EventFacts event={selected.event} zone={zone} />
          <div className="flex flex-wrap gap-2">
            <TimeLink href={paths.nodeBootstrap(nodeId)} className={buttonClass("secondary", "sm")}>
              Open bootstrap events
            </TimeLink>
          </div>
        </>
      )}
    </section>
  );
}

/** A stretch of silence: nothing was stated in it. */
function isGap({ state, verdicts }: IntervalView): boolean {
  return state === "stale" && verdicts === 0;
}

/** The newest instant whose evidence explains the interval; `null` = the newest of all. */
function evidenceUntil({ lane, interval }: Extract<Selected, { kind: "interval" }>): string | null {
  if (isGap(interval)) return interval.from;
  return lane.kind === "trust" ? interval.to : (interval.lastAt ?? interval.to);
}

function IntervalTitle({ interval, label }: { interval: IntervalView; label: string }) {
  return (
    <>
      <h2 className="flex flex-wrap items-center gap-x-2 text-data font-semibold">
        <StatusShape status={interval.state} size={16} />
        {STATUS_LABELS[interval.state]}
        <span className="min-w-0 font-normal text-muted">
          <HostileText text={label} max={60} />
        </span>
      </h2>
      <p className="mt-0.5 text-data break-words">
        <HostileText text={interval.reason} className="whitespace-normal [&_bdi]:whitespace-normal" />
      </p>
    </>
  );
}

function StayTitle({ stay }: { stay: LifecycleStay }) {
  return (
    <>
      <h2 className="text-data font-semibold">
        {LIFECYCLE_WORDS[stay.state]} <span className="font-normal text-muted">Life cycle</span>
      </h2>
      <p className="mt-0.5 text-data break-words">{stayReason(stay)}</p>
    </>
  );
}

function StayDetails({ stay, nowMs, zone }: { stay: LifecycleStay; nowMs: number; zone: Zone }) {
  const at = (iso: string) => formatInstant(iso, { mode: zone });
  const endMs = stay.to === null ? nowMs : Date.parse(stay.to);
  return (
    <dl className={FACTS}>
      <Fact name="From">{at(stay.from)}</Fact>
      <Fact name="To">{stay.to === null ? "Still so" : at(stay.to)}</Fact>
      <Fact name="Duration">{formatDuration(endMs - Date.parse(stay.from))}</Fact>
      <Fact name="Recorded">{at(stay.recordedAt)}</Fact>
    </dl>
  );
}

function EventTitle({ event }: { event: EventView }) {
  return (
    <h2 className="flex items-center gap-2 text-data font-semibold">
      <EventGlyph outcome={event.outcome} size={14} />
      {eventWords(event.type)}{" "}
      <span className="font-normal text-muted">{EVENT_OUTCOME_WORDS[event.outcome]}</span>
    </h2>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="min-w-0">
      <dt className="label">{name}</dt>
      <dd className="min-w-0 text-data break-words">{children}</dd>
    </div>
  );
}

const FACTS = "grid grid-cols-1 gap-x-6 gap-y-2 min-[480px]:grid-cols-2 lg:grid-cols-4";

function IntervalFacts({
  interval,
  isTrust,
  nowMs,
  zone,
}: {
  interval: IntervalView;
  isTrust: boolean;
  nowMs: number;
  zone: Zone;
}) {
  const at = (iso: string) => formatInstant(iso, { mode: zone });
  const endMs = interval.to === null ? nowMs : Date.parse(interval.to);
  // A gap carries what was stated last; it is shown as such and never as what holds in the gap.
  const last = isGap(interval) ? "Last " : "";
  const name = (text: string) => (last === "" ? text : `${last}${text.toLowerCase()} before it`);
  const claims = interval.vector ? statedClaims(interval.vector as unknown as TrustVector) : [];
  return (
    <dl className={FACTS}>
      <Fact name="From">{at(interval.from)}</Fact>
      <Fact name="To">{interval.to === null ? "Still so" : at(interval.to)}</Fact>
      <Fact name="Duration">{formatDuration(endMs - Date.parse(interval.from))}</Fact>
      <Fact name="Recorded">{at(interval.recordedAt)}</Fact>
      <Fact name="Verdicts">
        {isTrust ? "see the lanes" : formatCount(interval.verdicts)}
        {interval.firstAt && interval.lastAt && interval.verdicts > 1 && (
          <span className="block text-small text-muted">last {at(interval.lastAt)}</span>
        )}
      </Fact>
      {interval.outcome && <Fact name={name("Outcome")}>{OUTCOME_WORDS[interval.outcome]}</Fact>}
      {interval.tier && <Fact name={name("Tier")}>{TIER_WORDS[interval.tier]}</Fact>}
      {interval.kid && (
        <Fact name={name("Key")}>
          <HostileText text={interval.kid} max={36} className="font-mono text-small" />
        </Fact>
      )}
      {claims.length > 0 && (
        <div className="col-span-full min-w-0">
          <dt className="label">{name("Claims")}</dt>
          <dd>
            <ul className="flex flex-wrap gap-x-4 gap-y-1 text-data">
              {claims.map(({ claim, value, meaning }) => (
                <li key={claim}>
                  {CLAIM_WORDS[claim]} <span className="font-mono text-small">{value}</span>{" "}
                  <span className="text-muted">{MEANING_WORDS[meaning].toLowerCase()}</span>
                </li>
              ))}
            </ul>
          </dd>
        </div>
      )}
    </dl>
  );
}

function EventFacts({ event, zone }: { event: EventView; zone: Zone }) {
  const at = (iso: string) => formatInstant(iso, { mode: zone });
  return (
    <dl className={FACTS}>
      <Fact name="Occurred">{at(event.occurredAt)}</Fact>
      <Fact name="Received">{at(event.receivedAt)}</Fact>
      <Fact name="Source">
        <HostileText text={event.sourceName} max={48} />
      </Fact>
      {event.method && (
        <Fact name="Method">
          <HostileText text={event.method} max={48} />
        </Fact>
      )}
      {event.actorAddress && <Fact name="Address">{event.actorAddress}</Fact>}
      {event.provenance && (
        <Fact name="Image">
          <HostileText text={provenanceWords(event.provenance)} className="[&_bdi]:whitespace-normal" />
          {event.provenance.digest && (
            <span className="block font-mono text-small break-all">{event.provenance.digest}</span>
          )}
        </Fact>
      )}
      {event.reasonCode && (
        <Fact name="Reason">
          <span className="font-mono text-small">{event.reasonCode}</span>
        </Fact>
      )}
      {event.reasonText && (
        <div className="col-span-full min-w-0">
          <dt className="label">The source's words</dt>
          <dd className="text-data break-words">
            <HostileText text={event.reasonText} className="whitespace-normal [&_bdi]:whitespace-normal" />
          </dd>
        </div>
      )}
    </dl>
  );
}
