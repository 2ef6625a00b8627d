"use client";

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { type Asked, complianceKeys, controlOptions, endNote } from "#lib/client/compliance";
import { displayText } from "#lib/client/format";
import { paths } from "#lib/client/paths";
import type { ControlDetail, NoteView } from "#lib/contracts/control";
import { ReasonDialog } from "../onboarding/reason-dialog.tsx";
import { useDisabledReason } from "../shell/account-context.tsx";
import { GuardedButton } from "../shell/guarded-button.tsx";
import { TimeLink } from "../shell/time-travel.tsx";
import { Badge } from "../ui/badge.tsx";
import { ErrorPanel } from "../ui/error-panel.tsx";
import { SkeletonRows } from "../ui/skeleton.tsx";
import { Timestamp } from "../ui/timestamp.tsx";
import { announceDone } from "../ui/toast.tsx";
import { NOTE_WORDS, STATUS_WORDS } from "./compliance-words.ts";
import { Mapping } from "./mapping.tsx";
import { MeasureSummary } from "./measure-parts.tsx";
import { NoteDialog } from "./note-dialog.tsx";

type PanelProps = { framework: string; control: string; asked: Asked };

/** One control: what measures say, what they do not cover, and what people wrote about it. */
export function ControlPanel({ framework, control, asked }: PanelProps) {
  const { data, error, refetch } = useQuery(controlOptions(framework, control, asked));
  if (error && !data) {
    return (
      <ErrorPanel title="The control could not be computed" error={error} onRetry={() => void refetch()} />
    );
  }
  if (!data) return <SkeletonRows rows={4} label="Computing the control" />;
  return <Loaded detail={data} asked={asked} />;
}

function Loaded({ detail, asked }: { detail: ControlDetail; asked: Asked }) {
  const { framework, control, document, measures, notes } = detail;
  const { label, tone, means } = STATUS_WORDS[control.status];
  return (
    <section aria-label={`Control ${control.id}`} className="border-b border-line-strong py-3">
      <h2 className="flex flex-wrap items-center gap-2 font-medium">
        <span className="font-mono">{control.id}</span> {displayText(control.line).text}{" "}
        <Badge tone={tone}>{label}</Badge>
        <TimeLink
          href={paths.compliance({ ...asked, framework: framework.id })}
          className="link touch inline-flex items-center text-data font-normal"
        >
          Close
        </TimeLink>
      </h2>
      <p className="max-w-[90ch] pt-1 text-data">
        {means}. <span className="text-muted">Not covered:</span> {displayText(control.notCovered).text}
      </p>
      {document && <Mapping framework={framework} control={control} document={document} />}
      {measures.map((measure) => (
        <MeasureSummary
          key={measure.id}
          measure={measure}
          href={paths.complianceMeasures({ ...asked, measure: measure.id })}
        />
      ))}
      <Notes framework={framework.id} control={control.id} notes={notes} />
    </section>
  );
}

function Notes({ framework, control, notes }: { framework: string; control: string; notes: NoteView[] }) {
  const [adding, setAdding] = useState(false);
  const [ending, setEnding] = useState<NoteView | null>(null);
  const refused = useDisabledReason("compliance:manage");
  const queryClient = useQueryClient();
  const again = () => queryClient.invalidateQueries({ queryKey: complianceKeys.all });
  return (
    <div className="flex flex-col gap-2 pt-3">
      <h3 className="label">Exceptions and notes</h3>
      {notes.length === 0 && <p className="text-data text-muted">Nobody wrote anything about it.</p>}
      <ul className="flex flex-col gap-2">
        {notes.map((note) => (
          <Note key={note.id} note={note} refused={refused} onEnd={() => setEnding(note)} />
        ))}
      </ul>
      <GuardedButton className="w-fit" reason={refused} onClick={() => setAdding(true)}>
        Add a note
      </GuardedButton>
      <NoteDialog
        framework={framework}
        control={control}
        open={adding}
        onClose={(done) => {
          setAdding(false);
          if (done) void again();
        }}
      />
      <ReasonDialog
        open={ending !== null}
        onOpenChange={(next) => !next && setEnding(null)}
        title="End the note"
        verb="End the note"
        minLength={10}
        act={async (reason) => {
          if (ending) await endNote(ending.id, { reason });
          setEnding(null);
          announceDone({ title: "The note has ended" });
          await again();
        }}
      >
        <p className="text-data">
          From now on it no longer stands beside the control. For periods that ended before, it does.
        </p>
      </ReasonDialog>
    </div>
  );
}

function Note({ note, refused, onEnd }: { note: NoteView; refused: string | null; onEnd: () => void }) {
  return (
    <li className="flex flex-col gap-1 border-l-2 border-line-strong pl-3 text-data">
      <span className="flex flex-wrap items-center gap-2">
        <Badge>{NOTE_WORDS[note.kind]}</Badge>
        {note.verdict && <Badge>{note.verdict}</Badge>}
        {!note.inForce && <Badge>not in force</Badge>}
      </span>
      <span className="max-w-[90ch] break-words whitespace-pre-wrap">{displayText(note.reason).text}</span>
      <span className="text-small text-muted">
        {note.madeBy ?? "Somebody"} <Timestamp iso={note.madeAt} absolute />, until{" "}
        <Timestamp iso={note.ended?.at ?? note.expiresAt} absolute />
      </span>
      {note.inForce && !note.ended && (
        <GuardedButton className="w-fit" reason={refused} onClick={onEnd}>
          End
        </GuardedButton>
      )}
    </li>
  );
}
