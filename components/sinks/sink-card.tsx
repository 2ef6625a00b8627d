"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { displayText, formatCount, formatPlural } from "#lib/client/format";
import { removeSink, sinkKeys, testSink, updateSink } from "#lib/client/sinks";
import type { SinkView } from "#lib/contracts/sink";
import { CardAction, useOneDialog } from "../forms/card-action.tsx";
import { FormProblem } from "../sources/form-problem.tsx";
import { Badge } from "../ui/badge.tsx";
import { Button } from "../ui/button.tsx";
import { ConfirmDialog } from "../ui/confirm-dialog.tsx";
import { HostileText } from "../ui/hostile-text.tsx";
import { TermLine } from "../ui/term-line.tsx";
import { Timestamp } from "../ui/timestamp.tsx";
import { DeadLetters } from "./dead-letters.tsx";
import { ReplayDialog } from "./replay-dialog.tsx";
import { SinkDialog } from "./sink-dialog.tsx";
import { type SinkKind, switchedSink } from "./sink-draft.ts";
import { FACT_WORDS, lagOf, sinkState } from "./sink-words.ts";

type Asking = "change" | "replay" | "remove";

/** One sink: how far it is, what went wrong last, and what its receiver refused. */
export function SinkCard({
  sink,
  kinds,
  reason,
}: {
  sink: SinkView;
  kinds: readonly SinkKind[];
  reason: string | null;
}) {
  const { id, name } = sink;
  const { ask, close, stateOf } = useOneDialog<Asking>();
  const [letters, setLetters] = useState(false);
  const test = useDone(() => testSink(id));
  const off = sink.disabledAt !== null;
  const turn = useDone(() => updateSink(id, switchedSink(sink, off)));
  const remove = useDone(() => removeSink(id));
  const kind = kinds.find((one) => one.kind === sink.kind);
  const state = sinkState(sink);
  const may = { of: name, reason };
  return (
    <li className="flex min-w-0 flex-col gap-2 border-b border-line py-3" aria-label={name}>
      <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
        <h2 className="flex min-w-0 flex-wrap items-center gap-2 font-medium">
          {name}
          <Badge>{kind?.label ?? sink.kind}</Badge>
          <Badge tone={state.tone}>{state.words}</Badge>
        </h2>
        <div className="flex flex-wrap gap-2">
          <CardAction {...may} verb="Test" pending={test.isPending} onClick={() => test.mutate()} />
          <CardAction {...may} verb="Change" onClick={() => ask("change")} />
          <CardAction
            {...may}
            verb={off ? "Turn on" : "Turn off"}
            pending={turn.isPending}
            onClick={() => turn.mutate()}
          />
          <CardAction {...may} verb="Set back" onClick={() => ask("replay")} />
          <CardAction {...may} verb="Remove" onClick={() => ask("remove")} />
        </div>
      </div>
      <Facts sink={sink} kind={kind} />
      {test.data && (
        <p role="status" className={test.data.ok ? "text-small" : "text-small text-danger"}>
          {test.data.ok ? "Test passed: " : "Test failed: "}
          {displayText(test.data.detail).text}
        </p>
      )}
      {[test.error, turn.error].map((error) => error && <FormProblem key={error.message} error={error} />)}
      {sink.deadLetters.refused > 0 && (
        <p className="flex flex-wrap items-center gap-2 text-small text-danger">
          {formatPlural(sink.deadLetters.refused, "event was", "events were")} refused
          {sink.deadLetters.waiting > 0 && `, of which ${sink.deadLetters.waiting} are sent again`}.
          <Button
            size="sm"
            aria-expanded={letters}
            aria-label={`${letters ? "Hide" : "Show them"}: dead letters of ${name}`}
            onClick={() => setLetters(!letters)}
          >
            {letters ? "Hide" : "Show them"}
          </Button>
        </p>
      )}
      {letters && <DeadLetters sinkId={id} name={name} reason={reason} />}
      <SinkDialog kinds={kinds} before={sink} {...stateOf("change")} />
      <ReplayDialog sink={sink} {...stateOf("replay")} />
      <ConfirmDialog
        {...stateOf("remove")}
        title={`Remove ${name}?`}
        verb="Remove the sink"
        pending={remove.isPending}
        problem={remove.error && <FormProblem error={remove.error} />}
        onConfirm={() => {
          // Nobody is to ask for letters that are being erased.
          setLetters(false);
          remove.mutate(undefined, { onSuccess: () => close() });
        }}
      >
        <p>
          It is told nothing more. Its secrets, its place and its dead letters are erased; what it was told is
          with its receiver.
        </p>
      </ConfirmDialog>
    </li>
  );
}

function useDone<T>(mutationFn: () => Promise<T>) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn,
    onSettled: () => queryClient.invalidateQueries({ queryKey: sinkKeys.all }),
  });
}

function Facts({ sink, kind }: { sink: SinkView; kind: SinkKind | undefined }) {
  const lag = lagOf(sink);
  return (
    <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-3 text-small">
      {kind?.settings.map(({ name, title, type }) => {
        const value = sink.settings[name] ?? "";
        if (value === "") return null;
        return (
          <TermLine key={name} title={title}>
            {type === "pem" ? (
              "given"
            ) : (
              <HostileText
                text={String(value)}
                max={300}
                className="[&_bdi]:break-all [&_bdi]:whitespace-normal"
              />
            )}
          </TermLine>
        );
      })}
      <TermLine title="Is told">
        {sink.facts.map((fact) => FACT_WORDS[fact]).join(", ")}; OCSF {sink.ocsfVersion}
      </TermLine>
      <TermLine title="Place">
        <span className="tabular-nums">
          {formatCount(sink.cursor)} of {formatCount(sink.lastSeq)}
        </span>
        {lag > 0 && `, ${formatPlural(lag, "fact")} behind`}
      </TermLine>
      <TermLine title="Told">
        {formatPlural(sink.delivered, "event")}
        {sink.lastDeliveredAt && (
          <>
            , last <Timestamp iso={sink.lastDeliveredAt} />
          </>
        )}
      </TermLine>
      {sink.lateLastDay > 0 && (
        <TermLine title="Late">
          <span className="text-warn-fg">
            {formatPlural(sink.lateLastDay, "fact")} in the last 24 hours, told more than five minutes after
          </span>
        </TermLine>
      )}
      {sink.missed > 0 && (
        <TermLine title="Missed">
          <span className="text-warn-fg">
            {formatPlural(sink.missed, "fact was", "facts were")} not kept any more when due
          </span>
        </TermLine>
      )}
      {sink.lastError && (
        <TermLine title="Last error">
          {displayText(sink.lastError.detail).text} (<Timestamp iso={sink.lastError.at} />)
        </TermLine>
      )}
      {sink.failures > 0 && (
        <TermLine title="Tries">
          {formatPlural(sink.failures, "failure")} in a row
          {sink.dueAt && (
            <>
              , next try <Timestamp iso={sink.dueAt} absolute />
            </>
          )}
        </TermLine>
      )}
    </dl>
  );
}
