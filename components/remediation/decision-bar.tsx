"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { formatCount } from "#lib/client/format";
import { raceSentence } from "#lib/client/remediation-race";
import { approveSome, remediationKeys, vote } from "#lib/client/remediations";
import type { RemediationDetail } from "#lib/contracts/remediation";
import { REMEDIATION_REASON_MIN } from "#lib/domain/remediation";
import { FormProblem } from "../sources/form-problem.tsx";
import { Button } from "../ui/button.tsx";
import { useNow } from "../ui/clock.tsx";
import { Textarea } from "../ui/input.tsx";
import { announceDone } from "../ui/toast.tsx";

const BAR =
  "fixed inset-x-0 bottom-[calc(56px+env(safe-area-inset-bottom))] z-20 border-t border-line-strong bg-bg px-4 py-2 md:sticky md:bottom-0 md:-mx-4";

/**
 * The decision, at the thumb: a reason, approve, deny. It stays in sight however far the page is scrolled, above
 * the phone's navigation.
 *
 * @param kept ids of the nodes that are still ticked
 */
export function DecisionBar({ request, kept }: { request: RemediationDetail; kept: readonly string[] }) {
  const { id, planHash, may, targets } = request;
  const [reason, setReason] = useState("");
  const [wasAsked] = useState(may.approve === null);
  const nowMs = useNow();
  const queryClient = useQueryClient();
  const some = kept.length < targets.length;
  const act = useMutation({
    mutationFn: (decision: "approve" | "deny") => {
      const said = reason.trim();
      if (decision === "approve" && some) {
        return approveSome(id, { planHash, nodeIds: [...kept], reason: said });
      }
      return vote(id, { decision, planHash, reason: said });
    },
    onSuccess: (view, decision) => {
      queryClient.setQueryData(remediationKeys.one(id), view);
      announceDone({ title: decision === "approve" ? "Your approval counts" : "Denied" });
    },
    // What was refused may be so because somebody else was faster: the page then says who.
    onSettled: () => queryClient.invalidateQueries({ queryKey: remediationKeys.all }),
  });
  const raced = wasAsked && may.approve !== null ? raceSentence(request, nowMs) : null;
  if (raced !== null) {
    return (
      <p role="status" className={`${BAR} text-data font-medium break-words`}>
        {raced}
      </p>
    );
  }
  if (may.approve !== null) return null;
  const short = reason.trim().length < REMEDIATION_REASON_MIN;
  return (
    <section aria-label="Decide" className={`${BAR} flex flex-col gap-2`}>
      {act.error && <FormProblem error={act.error} />}
      <label htmlFor="decision-reason" className="sr-only">
        Reason for your decision
      </label>
      <Textarea
        id="decision-reason"
        rows={1}
        maxLength={1_000}
        value={reason}
        placeholder={`Reason, at least ${REMEDIATION_REASON_MIN} characters`}
        onChange={(event) => setReason(event.target.value)}
        className="min-h-11"
      />
      <div className="flex gap-2">
        <Button
          variant="primary"
          className="h-11 flex-1 sm:flex-none sm:px-6"
          disabled={short || kept.length === 0 || (some && may.narrow !== null)}
          pending={act.isPending}
          onClick={() => act.mutate("approve")}
        >
          {some ? `Approve ${formatCount(kept.length)} of ${formatCount(targets.length)}` : "Approve"}
        </Button>
        <Button
          className="h-11 flex-1 sm:flex-none sm:px-6"
          disabled={short || may.deny !== null}
          pending={act.isPending}
          onClick={() => act.mutate("deny")}
        >
          Deny
        </Button>
      </div>
      {some && may.narrow !== null && <p className="text-small text-muted">{may.narrow}</p>}
    </section>
  );
}
