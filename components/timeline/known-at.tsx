"use client";

import { useId, useState } from "react";
import { Button } from "#components/ui/button";
import { Input } from "#components/ui/input";
import { fieldTextOf, instantOfField, isoOf } from "#lib/client/timeline-range";
import type { Zone } from "#lib/client/timeline-scale";

/** Picks the instant whose knowledge is shown. */
export function KnownAtForm({
  knownAt,
  nowMs,
  zone,
  onApply,
}: {
  knownAt: string | null;
  nowMs: number;
  zone: Zone;
  onApply: (knownAt: string) => void;
}) {
  const id = useId();
  const [text, setText] = useState(() => fieldTextOf(knownAt ? Date.parse(knownAt) : nowMs, zone));
  const atMs = instantOfField(text, zone);
  const late = atMs !== null && atMs > nowMs;
  return (
    <form
      className="flex flex-wrap items-end gap-2 border-t border-line bg-sunken px-3 py-2"
      onSubmit={(event) => {
        event.preventDefault();
        if (atMs !== null && !late) onApply(isoOf(atMs));
      }}
    >
      <div className="flex flex-col gap-1">
        <label htmlFor={id} className="text-small font-medium">
          Show what was believed at ({zone === "utc" ? "UTC" : "local time"})
        </label>
        <Input
          id={id}
          type="datetime-local"
          step={1}
          required
          value={text}
          aria-invalid={late}
          aria-describedby={`${id}-hint`}
          onChange={(event) => setText(event.target.value)}
          className="max-w-[240px]"
        />
      </div>
      <Button type="submit" variant="primary" disabled={atMs === null || late}>
        Show
      </Button>
      <p id={`${id}-hint`} className="basis-full text-small text-muted">
        {late
          ? "This instant lies in the future."
          : "Late verdicts, corrections and distrusted keys that came afterwards are left out."}
      </p>
    </form>
  );
}
