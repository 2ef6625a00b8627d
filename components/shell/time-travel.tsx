"use client";

import { History } from "lucide-react";
import Link from "next/link";
import { parseAsString, useQueryStates } from "nuqs";
import { type ComponentProps, type ReactNode, useState } from "react";
import { formatInstant } from "#lib/client/format";
import {
  isPresent,
  PRESENT,
  shownInstant,
  type TimeTravel,
  timeTravelOf,
  withTime,
} from "#lib/client/time-travel";
import { fieldTextOf, instantOfField, isoOf } from "#lib/client/timeline-range";
import { Button } from "../ui/button.tsx";
import { FrozenClock, useNow } from "../ui/clock.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { Field, fieldHintId, Input } from "../ui/input.tsx";
import { useTimeMode } from "../ui/preferences.tsx";

const PARSERS = { asOf: parseAsString, knownAt: parseAsString };

/** The times that the page shows, and how to move to others. The address keeps them. */
export function useTimeTravel(): { time: TimeTravel; travel: (time: TimeTravel) => void } {
  const [params, setParams] = useQueryStates(PARSERS, { history: "push" });
  return { time: timeTravelOf(params), travel: (time) => void setParams(time) };
}

type TimeLinkProps = Omit<ComponentProps<typeof Link>, "href"> & { href: string };

/** A link that keeps the times that are shown. */
export function TimeLink({ href, ...rest }: TimeLinkProps) {
  const { time } = useTimeTravel();
  return <Link {...rest} href={withTime(href, time)} />;
}

/** On every page that shows the past: which times they are, that nothing can be changed, and the way back. */
export function TimeTravelBanner() {
  const { time, travel } = useTimeTravel();
  const mode = useTimeMode();
  if (isPresent(time)) return null;
  const words = (iso: string | null) => (
    <strong className="font-mono font-semibold whitespace-nowrap">
      {iso ? formatInstant(iso, { mode }) : "now"}
    </strong>
  );
  return (
    <section
      aria-label="Shown instant"
      className="sticky top-12 z-10 flex flex-wrap items-center gap-x-3 gap-y-1 border-b border-warn-line bg-warn-bg px-4 py-1.5 text-data text-warn-fg"
    >
      <History aria-hidden className="size-4 shrink-0" />
      <p role="status" className="min-w-0 flex-1">
        As of {words(time.asOf ?? time.knownAt)}, as known at {words(time.knownAt)}; read-only
      </p>
      <Button size="sm" onClick={() => travel(PRESENT)}>
        Back to now
      </Button>
    </section>
  );
}

/** Below it, "for how long" is counted to the instant that the page shows. */
export function ShownClock({ children }: { children: ReactNode }) {
  const { time } = useTimeTravel();
  const shown = shownInstant(time);
  return <FrozenClock atMs={shown === null ? null : Date.parse(shown)}>{children}</FrozenClock>;
}

/** On a page of the past, said of what is shown as it is now all the same; nothing otherwise. */
export function PresentOnlyNote({ children }: { children: ReactNode }) {
  const { time } = useTimeTravel();
  if (isPresent(time)) return null;
  return (
    <p role="note" className="rounded-[4px] border border-line px-3 py-2 text-small text-muted">
      {children}
    </p>
  );
}

/** Asks for the instant to show and, if wanted, the instant whose knowledge is shown. */
export function TimeTravelButton() {
  const { time, travel } = useTimeTravel();
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button onClick={() => setOpen(true)}>
        <History aria-hidden className="size-4" />
        <span className="max-sm:sr-only">As of…</span>
      </Button>
      <Dialog
        open={open}
        onOpenChange={setOpen}
        title="Show an instant of the past"
        description="Every page then shows that instant, and the address keeps it."
      >
        {open && (
          <TimeTravelForm
            time={time}
            onCancel={() => setOpen(false)}
            onChoose={(chosen) => {
              setOpen(false);
              travel(chosen);
            }}
          />
        )}
      </Dialog>
    </>
  );
}

function TimeTravelForm({
  time,
  onCancel,
  onChoose,
}: {
  time: TimeTravel;
  onCancel: () => void;
  onChoose: (time: TimeTravel) => void;
}) {
  const mode = useTimeMode();
  const nowMs = useNow();
  const textOf = (iso: string | null) => (iso === null ? "" : fieldTextOf(Date.parse(iso), mode));
  const [asOf, setAsOf] = useState(() => textOf(time.asOf));
  const [knownAt, setKnownAt] = useState(() => textOf(time.knownAt));
  const [asOfMs, knownMs] = [asOf, knownAt].map((text) => (text === "" ? null : instantOfField(text, mode)));
  const problem = problemOf(asOfMs ?? null, knownMs ?? null, nowMs);
  const iso = (ms: number | null | undefined) => (ms === null || ms === undefined ? null : isoOf(ms));
  const zone = mode === "utc" ? "UTC" : "local time";
  return (
    <form
      className="flex flex-col gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        if (problem === null) onChoose({ asOf: iso(asOfMs), knownAt: iso(knownMs) });
      }}
    >
      <Field id="as-of" label="As of" hint={`What was true then, in ${zone}`}>
        <Input
          id="as-of"
          type="datetime-local"
          step={1}
          value={asOf}
          onChange={(event) => setAsOf(event.target.value)}
          aria-describedby={fieldHintId("as-of")}
        />
      </Field>
      <Field
        id="known-at"
        label="As known at"
        hint="Empty = now. What was learned later is left out: late verdicts, corrections, distrusted keys."
      >
        <Input
          id="known-at"
          type="datetime-local"
          step={1}
          value={knownAt}
          onChange={(event) => setKnownAt(event.target.value)}
          aria-describedby={fieldHintId("known-at")}
        />
      </Field>
      <p role="status" className="min-h-5 text-small text-muted">
        {problem}
      </p>
      <div className="flex justify-end gap-2">
        <Button onClick={onCancel}>Cancel</Button>
        <Button type="submit" variant="primary" disabled={problem !== null}>
          Show
        </Button>
      </div>
    </form>
  );
}

/** Why the two instants cannot be asked for; `null` = they can. */
function problemOf(asOfMs: number | null, knownMs: number | null, nowMs: number): string | null {
  if (asOfMs === null && knownMs === null) return "Choose at least one instant.";
  if ((asOfMs ?? 0) > nowMs || (knownMs ?? 0) > nowMs) return "An instant of the future cannot be shown.";
  if (asOfMs !== null && knownMs !== null && asOfMs > knownMs) {
    return "At the instant of knowledge, the other one was still the future.";
  }
  return null;
}
