"use client";

import { EventGlyph } from "#components/timeline/event-glyph";
import { HostileText } from "#components/ui/hostile-text";
import {
  Table,
  TableBody,
  TableCell,
  TableFrame,
  TableHead,
  TableHeader,
  TableRow,
} from "#components/ui/table";
import { Timestamp } from "#components/ui/timestamp";
import { EVENT_OUTCOME_WORDS, eventWords } from "#lib/client/bootstrap-stages";
import { provenanceWords } from "#lib/client/provenance-words";
import type { EventView } from "#lib/contracts/node";

/** Bootstrap events, newest first; on a phone each event is a block of its own. */
export function EventTable({ events }: { events: readonly EventView[] }) {
  return (
    <>
      <ul aria-label="Bootstrap events, newest first" className="divide-y divide-line md:hidden">
        {events.map((event) => (
          <li key={event.id} className="flex flex-col gap-0.5 px-3 py-2 text-data">
            <p className="flex items-center justify-between gap-2">
              <span className="font-medium">{eventWords(event.type)}</span>
              <Outcome event={event} />
            </p>
            <p className="text-small text-muted">
              <Timestamp iso={event.occurredAt} absolute /> · <HostileText text={event.sourceName} max={28} />
            </p>
            <Why event={event} />
            <p className="text-small text-muted">
              {[event.method, event.actorAddress].filter(Boolean).join(" · ")}
            </p>
          </li>
        ))}
      </ul>
      <TableFrame role="region" aria-label="Bootstrap events" tabIndex={0} className="relative max-md:hidden">
        <Table>
          <caption className="sr-only">Bootstrap events, newest first</caption>
          <TableHead>
            <tr>
              <TableHeader>Occurred</TableHeader>
              <TableHeader>Event</TableHeader>
              <TableHeader>Outcome</TableHeader>
              <TableHeader>Reason</TableHeader>
              <TableHeader>Source</TableHeader>
              <TableHeader>Method</TableHeader>
              <TableHeader>Address</TableHeader>
            </tr>
          </TableHead>
          <TableBody>
            {events.map((event) => (
              <TableRow key={event.id}>
                <TableCell>
                  <Timestamp iso={event.occurredAt} absolute />
                </TableCell>
                <TableCell>
                  <span className="font-medium whitespace-nowrap">{eventWords(event.type)}</span>
                  <span className="block font-mono text-label text-muted">{event.type}</span>
                </TableCell>
                <TableCell>
                  <Outcome event={event} />
                </TableCell>
                <TableCell className="max-w-[320px]">
                  <Why event={event} />
                </TableCell>
                <TableCell className="max-w-[180px]">
                  <HostileText text={event.sourceName} max={28} />
                </TableCell>
                <TableCell className="font-mono text-small">{optional(event.method)}</TableCell>
                <TableCell className="font-mono text-small">{optional(event.actorAddress)}</TableCell>
              </TableRow>
            ))}
          </TableBody>
        </Table>
      </TableFrame>
    </>
  );
}

function optional(text: string | null) {
  return text === null ? <span className="text-faint">–</span> : <HostileText text={text} max={28} />;
}

function Outcome({ event: { outcome } }: { event: EventView }) {
  return (
    <span className="inline-flex items-center gap-1.5 whitespace-nowrap">
      <EventGlyph outcome={outcome} />
      {EVENT_OUTCOME_WORDS[outcome]}
    </span>
  );
}

function Why({ event: { reasonCode, reasonText, provenance } }: { event: EventView }) {
  if (reasonCode === null && reasonText === null && provenance === null)
    return <span className="text-faint max-md:hidden">–</span>;
  return (
    <span className="block min-w-0 break-words">
      {reasonCode !== null && <span className="font-mono text-small">{reasonCode}</span>}
      {provenance !== null && (
        <span className="block text-small">
          <HostileText text={provenanceWords(provenance)} className="[&_bdi]:whitespace-normal" />
        </span>
      )}
      {reasonText !== null && (
        <span className="block text-small text-muted">
          <HostileText text={reasonText} className="[&_bdi]:whitespace-normal" />
        </span>
      )}
    </span>
  );
}
