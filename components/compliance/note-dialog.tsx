"use client";

import { useState } from "react";
import { addNote } from "#lib/client/compliance";
import { instantOfField } from "#lib/client/utc-field";
import { NOTE_KINDS, NOTE_VERDICTS } from "#lib/domain/measure/control";
import { ReasonDialog } from "../onboarding/reason-dialog.tsx";
import { Field, fieldHintId, Input } from "../ui/input.tsx";
import { Select } from "../ui/select.tsx";
import { announceDone } from "../ui/toast.tsx";
import { NOTE_WORDS } from "./compliance-words.ts";

const REASON_MIN = 10;

/** Says something about a control. The end is asked for and cannot be left out. */
export function NoteDialog({
  framework,
  control,
  open,
  onClose,
}: {
  framework: string;
  control: string;
  open: boolean;
  onClose: (done: boolean) => void;
}) {
  const [kind, setKind] = useState<(typeof NOTE_KINDS)[number]>("exception");
  const [verdict, setVerdict] = useState<(typeof NOTE_VERDICTS)[number]>("pass");
  const [until, setUntil] = useState("");
  const end = instantOfField(until);
  return (
    <ReasonDialog
      open={open}
      onOpenChange={(next) => !next && onClose(false)}
      title={`Add a note about ${control}`}
      verb="Add the note"
      minLength={REASON_MIN}
      ready={end !== null}
      act={async (reason) => {
        const said = kind === "manual" ? verdict : null;
        await addNote(framework, { control, kind, verdict: said, reason, expiresAt: end ?? "" });
        setUntil("");
        announceDone({ title: "The note stands beside the control" });
        onClose(true);
      }}
    >
      <p className="text-data">
        An exception or a compensating control stands beside the status and does not change it. Only “does not
        apply” does.
      </p>
      <Field id="note-kind" label="Kind">
        <Select
          id="note-kind"
          value={kind}
          options={NOTE_KINDS.map((value) => ({ value, label: NOTE_WORDS[value] }))}
          onChange={(event) => setKind(NOTE_KINDS.find((one) => one === event.target.value) ?? "exception")}
        />
      </Field>
      {kind === "manual" && (
        <Field id="note-verdict" label="Found">
          <Select
            id="note-verdict"
            value={verdict}
            options={NOTE_VERDICTS.map((value) => ({ value, label: value }))}
            onChange={(event) =>
              setVerdict(NOTE_VERDICTS.find((one) => one === event.target.value) ?? "pass")
            }
          />
        </Field>
      )}
      <Field id="note-until" label="Ends (UTC)" hint="Required; within a year.">
        <Input
          id="note-until"
          type="datetime-local"
          required
          value={until}
          onChange={(event) => setUntil(event.target.value)}
          aria-describedby={fieldHintId("note-until")}
        />
      </Field>
    </ReasonDialog>
  );
}
