"use client";

import { History } from "lucide-react";
import { useState } from "react";
import { formatInstant } from "#lib/client/format";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { Field, fieldHintId, Input } from "../ui/input.tsx";
import { useTimeMode } from "../ui/preferences.tsx";

/** Says that the page shows the past, and leads back. */
export function AsOfBanner({ asOf, onReset }: { asOf: string; onReset: () => void }) {
  const mode = useTimeMode();
  return (
    <div
      role="status"
      className="inline-flex flex-wrap items-center gap-x-3 gap-y-1 rounded-[4px] border border-warn-line bg-warn-bg py-0.5 pr-0.5 pl-3 text-warn-fg"
    >
      <span>
        Read-only as of <strong className="font-semibold">{formatInstant(asOf, { mode })}</strong>
      </span>
      <Button size="sm" onClick={onReset}>
        Back to now
      </Button>
    </div>
  );
}

/** Asks for an instant of the past, in the zone that times are shown in. */
export function AsOfButton({ onChoose }: { onChoose: (iso: string) => void }) {
  const mode = useTimeMode();
  const [open, setOpen] = useState(false);
  const [text, setText] = useState("");
  const date = new Date(mode === "utc" ? `${text}Z` : text);
  const valid = text !== "" && !Number.isNaN(date.getTime());
  return (
    <>
      <Button onClick={() => setOpen(true)}>
        <History aria-hidden className="size-4" />
        As of…
      </Button>
      <Dialog
        open={open}
        onOpenChange={setOpen}
        title="Show the fleet as it was"
        description="The list then shows the statuses of that instant. The address keeps it."
      >
        <form
          className="flex flex-col gap-3"
          onSubmit={(event) => {
            event.preventDefault();
            if (!valid) return;
            setOpen(false);
            onChoose(date.toISOString());
          }}
        >
          <Field id="as-of" label="Instant" hint={mode === "utc" ? "In UTC" : "In local time"}>
            <Input
              id="as-of"
              type="datetime-local"
              step={1}
              required
              value={text}
              onChange={(event) => setText(event.target.value)}
              aria-describedby={fieldHintId("as-of")}
            />
          </Field>
          <div className="flex justify-end gap-2">
            <Button onClick={() => setOpen(false)}>Cancel</Button>
            <Button type="submit" variant="primary" disabled={!valid}>
              Show
            </Button>
          </div>
        </form>
      </Dialog>
    </>
  );
}
