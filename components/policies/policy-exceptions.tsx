"use client";

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { fleetKeys } from "#lib/client/fleet";
import { displayText, formatPlural } from "#lib/client/format";
import { endPolicyException, policyExceptionOptions, policyKeys } from "#lib/client/policies";
import { ReasonDialog } from "../onboarding/reason-dialog.tsx";
import { useDisabledReason } from "../shell/account-context.tsx";
import { GuardedButton } from "../shell/guarded-button.tsx";
import { Badge } from "../ui/badge.tsx";
import { EmptyState } from "../ui/empty-state.tsx";
import { ErrorPanel } from "../ui/error-panel.tsx";
import { SkeletonRows } from "../ui/skeleton.tsx";
import { Timestamp } from "../ui/timestamp.tsx";
import { announceDone } from "../ui/toast.tsx";
import { ExceptionDialog } from "./exception-dialog.tsx";
import { usePolicy } from "./policy-frame.tsx";
import { EXCEPTION_WORDS, type PolicyException } from "./policy-words.ts";

const REASON_MIN = 10;
/** Those that somebody should look at come first. */
const ORDER = ["unused", "in_force", "expired"] as const satisfies readonly PolicyException["state"][];

/** For whom which rule does not count, until when, and whether anything came of it. */
export function PolicyExceptionsPage({ name }: { name: string }) {
  const policy = usePolicy(name);
  const queryClient = useQueryClient();
  const { data, error, refetch } = useQuery(policyExceptionOptions());
  const [making, setMaking] = useState(false);
  const reason = useDisabledReason("policy:except");
  if (!policy) return null;
  const own = data?.items.filter((item) => item.policy === name) ?? [];
  const items = ORDER.flatMap((state) => own.filter((item) => item.state === state));
  const count = (state: PolicyException["state"]) => own.filter((item) => item.state === state).length;
  const refresh = () =>
    Promise.all(
      [policyKeys.all, fleetKeys.all].map((queryKey) => queryClient.invalidateQueries({ queryKey })),
    );
  const create = (
    <GuardedButton reason={reason} onClick={() => setMaking(true)}>
      Make an exception
    </GuardedButton>
  );
  return (
    <div className="flex flex-col gap-3">
      <div className="flex flex-wrap items-center justify-between gap-3">
        <p className="max-w-[70ch] text-data text-muted">
          For the nodes of an exception its rule does not count: they are exempt where it would have decided,
          unless another rule finds them failed, degraded or silent. Each exception ends.
        </p>
        {own.length > 0 && create}
      </div>
      {!data && !error && <SkeletonRows rows={3} label="Loading the exceptions" />}
      {!data && error && (
        <ErrorPanel title="The exceptions could not be loaded" error={error} onRetry={() => void refetch()} />
      )}
      {data && own.length === 0 && (
        <EmptyState title="No exceptions" action={create}>
          Every rule of {name} counts for every node.
        </EmptyState>
      )}
      {own.length > 0 && (
        <>
          <p className="text-small text-muted">
            {formatPlural(count("in_force") + count("unused"), "exception")} in force, {count("unused")} of
            them unused for a week or more; {count("expired")} expired
          </p>
          <ul aria-label="Exceptions" className="rounded-[6px] border border-line">
            {items.map((item) => (
              <ExceptionItem key={item.id} item={item} onDone={refresh} />
            ))}
          </ul>
        </>
      )}
      <ExceptionDialog
        policy={policy}
        open={making}
        onClose={(done) => {
          setMaking(false);
          if (done) void refresh();
        }}
      />
    </div>
  );
}

function ExceptionItem({ item, onDone }: { item: PolicyException; onDone: () => Promise<unknown> }) {
  const { id, ruleId, selector, reason, until, createdBy, createdAt, matches, lastMatchAt, state } = item;
  const [asking, setAsking] = useState(false);
  const noEnd = useDisabledReason("policy:except");
  return (
    <li className="flex flex-wrap items-start justify-between gap-x-4 gap-y-2 border-b border-line px-3 py-2 text-data last:border-b-0">
      <div className="min-w-0 flex-1 basis-64">
        <p className="flex flex-wrap items-center gap-2">
          <code className="font-mono font-medium">{ruleId}</code>
          <Badge tone={state === "unused" ? "warn" : "neutral"}>{EXCEPTION_WORDS[state]}</Badge>
        </p>
        <p className="break-words">{displayText(reason).text}</p>
        <p className="text-small break-words text-muted">
          for <code className="font-mono">{displayText(selector).text}</code>; by {createdBy ?? "somebody"}{" "}
          <Timestamp iso={createdAt} />, {state === "expired" ? "ended" : "ends"}{" "}
          <Timestamp iso={until} absolute />; matched {formatPlural(matches, "time")}
          {lastMatchAt !== null && (
            <>
              , last <Timestamp iso={lastMatchAt} />
            </>
          )}
        </p>
      </div>
      {state !== "expired" && (
        <GuardedButton size="sm" reason={noEnd} onClick={() => setAsking(true)}>
          End
        </GuardedButton>
      )}
      <ReasonDialog
        open={asking}
        onOpenChange={setAsking}
        title={`End the exception from ${ruleId}?`}
        verb="End the exception"
        danger
        minLength={REASON_MIN}
        act={async (why) => {
          await endPolicyException(id, why);
          await onDone();
          announceDone({ title: "The exception has ended" });
        }}
      >
        <p className="text-data">
          The rule counts for these nodes again at once, and their status may get worse.
        </p>
      </ReasonDialog>
    </li>
  );
}
