"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { setSilenceLimit, sourceKeys } from "#lib/client/sources";
import type { SetSilenceLimitBody, SourceView } from "#lib/contracts/source";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { Field, fieldHintId, Input } from "../ui/input.tsx";
import { Select } from "../ui/select.tsx";
import { announceDone } from "../ui/toast.tsx";
import { FormProblem } from "./form-problem.tsx";

const MINUTE_MS = 60_000;
const MODES = [
  { value: "learnt", label: "Learnt from the cadence" },
  { value: "fixed", label: "Fixed" },
  { value: "none", label: "None: silence means nothing" },
] as const;
type Mode = (typeof MODES)[number]["value"];

/** Sets when silence of a source begins to count. */
export function LimitDialog({
  source,
  open,
  onOpenChange,
}: {
  source: SourceView;
  open: boolean;
  onOpenChange: (open: boolean) => void;
}) {
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title="Change silence limit"
      description="History is judged by the new limit, too. What was believed before can still be asked for."
    >
      <LimitForm source={source} onDone={() => onOpenChange(false)} />
    </Dialog>
  );
}

function LimitForm({ source: { id, limit }, onDone }: { source: SourceView; onDone: () => void }) {
  const queryClient = useQueryClient();
  const [mode, setMode] = useState<Mode>(limit.mode);
  const [minutes, setMinutes] = useState(asMinutes(limit.staleAfterMs ?? 15 * MINUTE_MS));
  const [factor, setFactor] = useState(String(limit.factor ?? 2));
  const [floor, setFloor] = useState(asMinutes(limit.floorMs ?? MINUTE_MS));
  const [cap, setCap] = useState(asMinutes(limit.capMs ?? 48 * 60 * MINUTE_MS));
  const save = useMutation({
    mutationFn: (body: SetSilenceLimitBody) => setSilenceLimit(id, body),
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: sourceKeys.all });
      announceDone({ title: "Silence limit changed", description: "Gaps are being derived again." });
      onDone();
    },
  });

  function submit(event: FormEvent) {
    event.preventDefault();
    if (mode === "none") save.mutate({ mode });
    else if (mode === "fixed") save.mutate({ mode, staleAfterMs: asMs(minutes) });
    else save.mutate({ mode, factor: Number(factor), floorMs: asMs(floor), capMs: asMs(cap) });
  }

  return (
    <form onSubmit={submit} className="flex flex-col gap-3">
      <Field id="limit-mode" label="Limit" hint={HINTS[mode]}>
        <Select
          id="limit-mode"
          value={mode}
          onChange={(event) =>
            setMode(MODES.find(({ value }) => value === event.target.value)?.value ?? mode)
          }
          options={MODES}
          aria-describedby={fieldHintId("limit-mode")}
        />
      </Field>
      {mode === "fixed" && (
        <Minutes id="limit-minutes" label="Stale after (minutes)" value={minutes} onChange={setMinutes} />
      )}
      {mode === "learnt" && (
        <>
          <Field id="limit-factor" label="Multiple of the cadence">
            <Input
              id="limit-factor"
              type="number"
              min={1.5}
              max={20}
              step={0.1}
              required
              value={factor}
              onChange={(event) => setFactor(event.target.value)}
            />
          </Field>
          <Minutes id="limit-floor" label="Never below (minutes)" value={floor} onChange={setFloor} />
          <Minutes id="limit-cap" label="Never above (minutes)" value={cap} onChange={setCap} />
        </>
      )}
      {save.error !== null && <FormProblem error={save.error} />}
      <div className="flex justify-end gap-2">
        <Button onClick={onDone}>Cancel</Button>
        <Button type="submit" variant="primary" pending={save.isPending}>
          Change limit
        </Button>
      </div>
    </form>
  );
}

const HINTS: Readonly<Record<Mode, string>> = {
  learnt: "Follows how often this source was observed to report on one node.",
  fixed: "The same, however often it reports.",
  none: "For senders that only announce failures. What they said never turns stale.",
};

function Minutes({
  id,
  label,
  value,
  onChange,
}: {
  id: string;
  label: string;
  value: string;
  onChange: (value: string) => void;
}) {
  return (
    <Field id={id} label={label}>
      <Input
        id={id}
        type="number"
        min={0.1}
        max={525_600}
        step="any"
        required
        value={value}
        onChange={(event) => onChange(event.target.value)}
      />
    </Field>
  );
}

const asMs = (minutes: string) => Math.round(Number(minutes) * MINUTE_MS);
const asMinutes = (ms: number) => String(Math.round(ms / 6_000) / 10);
