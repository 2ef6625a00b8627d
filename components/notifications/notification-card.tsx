"use client";

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { displayText, formatPlural } from "#lib/client/format";
import { handleNotification, notificationKeys, notificationOptions } from "#lib/client/notifications";
import type { NotificationRow } from "#lib/contracts/notification";
import { useDisabledReason } from "../shell/account-context.tsx";
import { GuardedButton } from "../shell/guarded-button.tsx";
import { TimeLink } from "../shell/time-travel.tsx";
import { FormProblem } from "../sources/form-problem.tsx";
import { Badge } from "../ui/badge.tsx";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { HostileText } from "../ui/hostile-text.tsx";
import { Field, fieldHintId, Textarea } from "../ui/input.tsx";
import { Timestamp } from "../ui/timestamp.tsx";
import { DeliveryList } from "./delivery-list.tsx";
import { NOTIFICATION_STATES, routeWords, SEVERITY_TONES } from "./notification-words.ts";

type Step = "acknowledge" | "resolve";

/** One notification: what it tells, who was told, and what can be said to it. */
export function NotificationCard({ item }: { item: NotificationRow }) {
  const [open, setOpen] = useState(false);
  const [step, setStep] = useState<Step | null>(null);
  const reason = useDisabledReason("notify:handle");
  const state = NOTIFICATION_STATES[item.state];
  const title = displayText(item.title).text;
  const act = (label: string, asked: Step) => (
    <GuardedButton size="sm" reason={reason} aria-label={`${label}: ${title}`} onClick={() => setStep(asked)}>
      {label}
    </GuardedButton>
  );
  return (
    <li className="flex min-w-0 flex-col gap-1 border-b border-line py-3" aria-label={title}>
      <div className="flex min-w-0 flex-wrap items-center justify-between gap-x-4 gap-y-2">
        <h2 className="flex min-w-0 flex-wrap items-center gap-2 font-medium">
          <Badge tone={SEVERITY_TONES[item.severity]}>{item.severity}</Badge>
          <TimeLink href={item.link} className="link touch inline-flex min-w-0 items-center">
            <HostileText text={item.title} max={120} className="[&_bdi]:whitespace-normal" />
          </TimeLink>
          <Badge tone={state.tone}>{state.words}</Badge>
        </h2>
        <div className="flex flex-wrap gap-2">
          {item.state === "open" && act("Acknowledge", "acknowledge")}
          {item.state !== "resolved" && act("Resolve", "resolve")}
          <Button
            size="sm"
            aria-expanded={open}
            aria-label={`${open ? "Show less" : "What was told"}: ${title}`}
            onClick={() => setOpen(!open)}
          >
            {open ? "Show less" : "What was told"}
          </Button>
        </div>
      </div>
      <p className="text-small break-words text-muted">
        {formatPlural(item.events, "event")} in {displayText(item.trustDomain).text}, by{" "}
        {displayText(routeWords(item.route)).text}, to{" "}
        {item.channels.length === 0 ? "nobody" : displayText(item.channels.join(", ")).text}. Began{" "}
        <Timestamp iso={item.openedAt} />, last told <Timestamp iso={item.lastAt} />.
      </p>
      {item.escalatesAt !== null && (
        <p className="text-small text-warn-fg">
          Others are told <Timestamp iso={item.escalatesAt} absolute /> unless somebody acknowledges.
        </p>
      )}
      {item.acknowledged && (
        <p className="text-small break-words">
          Acknowledged by <HostileText text={item.acknowledged.by} max={60} />{" "}
          <Timestamp iso={item.acknowledged.at} />
          {item.acknowledged.comment !== "" && `: ${displayText(item.acknowledged.comment).text}`}
        </p>
      )}
      {item.resolved && (
        <p className="text-small break-words">
          Resolved {item.resolved.by ? `by ${displayText(item.resolved.by).text}` : "by itself"}{" "}
          <Timestamp iso={item.resolved.at} />
        </p>
      )}
      {open && <Told id={item.id} />}
      <HandleDialog item={item} title={title} step={step} onClose={() => setStep(null)} />
    </li>
  );
}

/** The events that it told of, and every message about it. */
function Told({ id }: { id: string }) {
  const { data, error } = useQuery(notificationOptions(id));
  if (!data)
    return (
      <p role={error ? "alert" : "status"} className="text-small text-muted">
        {error ? "What was told could not be loaded." : "Loading…"}
      </p>
    );
  return (
    <div className="flex min-w-0 flex-col gap-2 border-l border-line-strong pl-3">
      <ul aria-label="Events that were told" className="text-small">
        {data.told.map((event) => (
          <li key={event.id} className="min-w-0 break-words">
            <code className="font-mono">{event.kind}</code>{" "}
            <TimeLink href={event.link} className="link">
              <HostileText text={event.title} max={120} />
            </TimeLink>{" "}
            <span className="text-muted">
              <Timestamp iso={event.at} />
            </span>
          </li>
        ))}
      </ul>
      <DeliveryList items={data.deliveries} label="Messages about it" />
    </div>
  );
}

function HandleDialog({
  item,
  title,
  step,
  onClose,
}: {
  item: NotificationRow;
  title: string;
  step: Step | null;
  onClose: () => void;
}) {
  return (
    <Dialog
      open={step !== null}
      onOpenChange={(open) => !open && onClose()}
      title={step === "resolve" ? `Resolve: ${title}` : `Acknowledge: ${title}`}
      description={
        step === "resolve"
          ? "Alerts are resolved and tickets closed wherever it was told."
          : "Nobody else is told, and whoever was told hears that you took it on."
      }
      fallbackFocus={() => document.querySelector<HTMLElement>("main h1")}
    >
      {step && <HandleForm id={item.id} step={step} onClose={onClose} />}
    </Dialog>
  );
}

function HandleForm({ id, step, onClose }: { id: string; step: Step; onClose: () => void }) {
  const [comment, setComment] = useState("");
  const queryClient = useQueryClient();
  const run = useMutation({
    mutationFn: () => handleNotification(id, step, comment.trim()),
    onSuccess: async () => {
      onClose();
      await queryClient.invalidateQueries({ queryKey: notificationKeys.all });
    },
  });
  function submit(event: FormEvent) {
    event.preventDefault();
    run.mutate();
  }
  return (
    <form onSubmit={submit} className="flex flex-col gap-3">
      <Field id="comment" label="Comment" hint="Is passed on to whoever was told. It may stay empty.">
        <Textarea
          id="comment"
          rows={3}
          maxLength={1_000}
          value={comment}
          aria-describedby={fieldHintId("comment")}
          onChange={({ target }) => setComment(target.value)}
        />
      </Field>
      {run.error && <FormProblem error={run.error} />}
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" variant="primary" pending={run.isPending}>
          {step === "resolve" ? "Resolve" : "Acknowledge"}
        </Button>
      </div>
    </form>
  );
}
