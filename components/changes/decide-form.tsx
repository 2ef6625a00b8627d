"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { cancelChange, changeKeys, decideChange } from "#lib/client/changes";
import { sourceKeys } from "#lib/client/sources";
import type { ChangeView } from "#lib/contracts/change-request";
import { CHANGE_REASON_MIN } from "#lib/domain/change-request";
import { FormProblem } from "../sources/form-problem.tsx";
import { Button } from "../ui/button.tsx";
import { Field, fieldHintId, Textarea } from "../ui/input.tsx";
import { announceDone } from "../ui/toast.tsx";

type Act = "approve" | "deny" | "cancel";
const DONE: Record<Act, string> = {
  approve: "Approved and done",
  deny: "Denied",
  cancel: "Cancelled",
};

/** One decision: the second person approves or denies, or whoever proposed it takes it back. */
export function DecideForm({ change }: { change: ChangeView }) {
  const { id, planHash, planCurrent, mine, waitingOnMe, state } = change;
  const [reason, setReason] = useState("");
  const queryClient = useQueryClient();
  const act = useMutation({
    mutationFn: (what: Act) => {
      const said = reason.trim();
      if (what === "cancel") return cancelChange(id, { reason: said });
      return decideChange(id, { decision: what, planHash, ...(said === "" ? {} : { reason: said }) });
    },
    onSuccess: async (_view, what) => {
      announceDone({ title: DONE[what] });
      await queryClient.invalidateQueries({ queryKey: sourceKeys.all });
    },
    onSettled: () => queryClient.invalidateQueries({ queryKey: changeKeys.all }),
  });
  if (state !== "pending" || !(mine || waitingOnMe)) return null;
  const hasReason = reason.trim().length >= CHANGE_REASON_MIN;
  return (
    <section aria-label="Decide" className="flex flex-col gap-3 rounded-[6px] border border-line-strong p-3">
      {planCurrent === false && (
        <p role="alert" className="text-data text-danger">
          What would be done now is not what was proposed. It can no longer be approved.
        </p>
      )}
      <Field
        id="change-reason"
        label="Reason"
        hint={
          mine
            ? `At least ${CHANGE_REASON_MIN} characters.`
            : `To deny, at least ${CHANGE_REASON_MIN} characters. To approve, it may stay empty.`
        }
      >
        <Textarea
          id="change-reason"
          rows={2}
          maxLength={1_000}
          value={reason}
          onChange={(event) => setReason(event.target.value)}
          aria-describedby={fieldHintId("change-reason")}
        />
      </Field>
      {act.error && <FormProblem error={act.error} />}
      <div className="flex flex-wrap gap-2">
        {mine ? (
          <Button
            className="min-h-11 flex-1 sm:flex-none"
            disabled={!hasReason}
            pending={act.isPending}
            onClick={() => act.mutate("cancel")}
          >
            Cancel the request
          </Button>
        ) : (
          <>
            <Button
              variant="danger"
              className="min-h-11 flex-1 sm:flex-none"
              disabled={planCurrent === false || (reason.trim() !== "" && !hasReason)}
              pending={act.isPending}
              onClick={() => act.mutate("approve")}
            >
              Approve and do it
            </Button>
            <Button
              className="min-h-11 flex-1 sm:flex-none"
              disabled={!hasReason}
              pending={act.isPending}
              onClick={() => act.mutate("deny")}
            >
              Deny
            </Button>
          </>
        )}
      </div>
      {mine && (
        <p className="text-small text-muted">You proposed this, so a second person has to decide it.</p>
      )}
    </section>
  );
}
