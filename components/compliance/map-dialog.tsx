"use client";

import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { mapControl } from "#lib/client/frameworks";
import type { ControlView } from "#lib/contracts/control";
import type { MappingTarget } from "#lib/contracts/own-framework";
import { MEASURES } from "#lib/domain/measure/catalogue";
import { MAPPING_KINDS, type MappingKind } from "#lib/domain/measure/own-control";
import { FormProblem } from "../sources/form-problem.tsx";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { Field, fieldHintId, Textarea } from "../ui/input.tsx";
import { Select } from "../ui/select.tsx";
import { announceDone } from "../ui/toast.tsx";
import { MAPPING_WORDS } from "./compliance-words.ts";

const SENTENCE = { required: true, minLength: 10, maxLength: 2_000, rows: 2 } as const;

type MapDialogProps = {
  framework: string;
  control: ControlView;
  open: boolean;
  onClose: (done: boolean) => void;
};

/** Says what speaks to a control, or why nothing does. Both sentences are asked for. */
export function MapDialog({ framework, control, open, onClose }: MapDialogProps) {
  return (
    <Dialog
      open={open}
      onOpenChange={(next) => !next && onClose(false)}
      title={`Map ${control.id}`}
      fallbackFocus={() => document.querySelector<HTMLElement>("main h1")}
    >
      <MapForm framework={framework} control={control} onClose={onClose} />
    </Dialog>
  );
}

function MapForm({ framework, control, onClose }: Omit<MapDialogProps, "open">) {
  const before = control.own?.mapping ?? null;
  const [kind, setKind] = useState<MappingKind>(before?.kind ?? "measures");
  const [measures, setMeasures] = useState<readonly string[]>(control.measures.map(({ id }) => id));
  const [covers, setCovers] = useState(before?.covers ?? "");
  const [notCovered, setNotCovered] = useState(before?.kind === "measures" ? control.notCovered : "");
  const [reason, setReason] = useState(before?.reason ?? "");
  const run = useMutation({
    mutationFn: () => {
      const to: MappingTarget =
        kind === "measures"
          ? { kind, measures: [...measures], covers: covers.trim(), notCovered: notCovered.trim() }
          : { kind, reason: reason.trim() };
      return mapControl(framework, { control: control.id, to });
    },
    onSuccess: () => {
      announceDone({ title: "The control is mapped" });
      onClose(true);
    },
  });
  function submit(event: FormEvent) {
    event.preventDefault();
    run.mutate();
  }
  return (
    <form onSubmit={submit} className="flex flex-col gap-3">
      <Field id="map-kind" label="It is">
        <Select
          id="map-kind"
          value={kind}
          options={MAPPING_KINDS.map((value) => ({ value, label: MAPPING_WORDS[value] }))}
          onChange={(event) => setKind(MAPPING_KINDS.find((one) => one === event.target.value) ?? "measures")}
        />
      </Field>
      {kind === "measures" ? (
        <>
          <MeasureChoice chosen={measures} onChange={setMeasures} />
          <Field id="map-covers" label="Covers" hint="What the measures say about the control.">
            <Textarea
              id="map-covers"
              {...SENTENCE}
              value={covers}
              onChange={(event) => setCovers(event.target.value)}
              aria-describedby={fieldHintId("map-covers")}
            />
          </Field>
          <Field
            id="map-not-covered"
            label="Does not cover"
            hint="What it asks for and they do not speak to."
          >
            <Textarea
              id="map-not-covered"
              {...SENTENCE}
              value={notCovered}
              onChange={(event) => setNotCovered(event.target.value)}
              aria-describedby={fieldHintId("map-not-covered")}
            />
          </Field>
        </>
      ) : (
        <Field id="map-reason" label="Reason" hint="Stands beside the control and in reports.">
          <Textarea
            id="map-reason"
            {...SENTENCE}
            value={reason}
            onChange={(event) => setReason(event.target.value)}
            aria-describedby={fieldHintId("map-reason")}
          />
        </Field>
      )}
      {run.error && <FormProblem error={run.error} />}
      <div className="flex justify-end gap-2">
        <Button onClick={() => onClose(false)}>Cancel</Button>
        <Button
          type="submit"
          variant="primary"
          pending={run.isPending}
          disabled={kind === "measures" && measures.length === 0}
        >
          Map the control
        </Button>
      </div>
    </form>
  );
}

function MeasureChoice({
  chosen,
  onChange,
}: {
  chosen: readonly string[];
  onChange: (chosen: readonly string[]) => void;
}) {
  return (
    <fieldset className="flex flex-col gap-1">
      <legend className="text-small font-medium">Measures that speak to it</legend>
      <div className="max-h-48 overflow-y-auto rounded-[4px] border border-control px-2.5 py-1.5">
        {MEASURES.map(({ id, title }) => (
          <label key={id} className="touch flex items-center gap-2 text-data">
            <input
              type="checkbox"
              className="size-4 shrink-0"
              checked={chosen.includes(id)}
              onChange={(event) =>
                onChange(event.target.checked ? [...chosen, id] : chosen.filter((one) => one !== id))
              }
            />
            <span>
              <span className="font-mono">{id}</span> {title}
            </span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
