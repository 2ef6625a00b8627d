"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { displayText, formatPlural } from "#lib/client/format";
import { notificationKeys, replayDelivery } from "#lib/client/notifications";
import type { DeliveryView } from "#lib/contracts/notification";
import { useDisabledReason } from "../shell/account-context.tsx";
import { GuardedButton } from "../shell/guarded-button.tsx";
import { FormProblem } from "../sources/form-problem.tsx";
import { Badge } from "../ui/badge.tsx";
import { HostileText } from "../ui/hostile-text.tsx";
import { Timestamp } from "../ui/timestamp.tsx";
import { announceDone } from "../ui/toast.tsx";
import { DELIVERY_STATES, DELIVERY_VERBS } from "./notification-words.ts";

/** Messages: where each went, how often it was tried, and how that ended. */
export function DeliveryList({ items, label }: { items: readonly DeliveryView[]; label: string }) {
  if (items.length === 0) return <p className="text-small text-muted">No message was sent about it yet.</p>;
  return (
    <ul aria-label={label} className="min-w-0 text-data">
      {items.map((item) => (
        <Delivery key={item.id} item={item} />
      ))}
    </ul>
  );
}

function Delivery({ item }: { item: DeliveryView }) {
  const reason = useDisabledReason("notify:handle");
  const queryClient = useQueryClient();
  const replay = useMutation({
    mutationFn: () => replayDelivery(item.id),
    onSuccess: () => announceDone({ title: "The message is sent again under its id" }),
    onSettled: () => queryClient.invalidateQueries({ queryKey: notificationKeys.all }),
  });
  const state = DELIVERY_STATES[item.state];
  const over = item.state === "delivered" || item.state === "given_up";
  return (
    <li className="flex min-w-0 flex-col gap-0.5 border-b border-line py-2 last:border-b-0">
      <div className="flex min-w-0 flex-wrap items-center justify-between gap-x-3 gap-y-1">
        <span className="flex min-w-0 flex-wrap items-center gap-2">
          <Badge tone={state.tone}>{state.words}</Badge>
          <span>{DELIVERY_VERBS[item.verb]}</span>
          <span className="min-w-0 text-muted">
            to <HostileText text={item.channel} max={60} />
          </span>
        </span>
        {over && (
          <GuardedButton
            size="sm"
            reason={reason}
            pending={replay.isPending}
            aria-label={`Send again to ${displayText(item.channel).text}: ${displayText(item.title).text}`}
            onClick={() => replay.mutate()}
          >
            Send again
          </GuardedButton>
        )}
      </div>
      <HostileText text={item.title} max={120} className="text-small" />
      <p className="text-small break-words text-muted">
        Written <Timestamp iso={item.createdAt} />
        {item.attempts > 0 && `, ${formatPlural(item.attempts, "attempt")}`}
        {item.lastAt && (
          <>
            , last <Timestamp iso={item.lastAt} />
          </>
        )}
        {item.nextAt && (
          <>
            , next <Timestamp iso={item.nextAt} absolute />
          </>
        )}
        {item.status !== null && `, answered ${item.status}`}
        {item.ref !== null && `, there called ${displayText(item.ref).text}`}. Id{" "}
        <code className="font-mono break-all">{item.id}</code>
      </p>
      {item.problem !== null && (
        <p className="text-small break-words text-danger">{displayText(item.problem).text}</p>
      )}
      {replay.error && <FormProblem error={replay.error} />}
    </li>
  );
}
