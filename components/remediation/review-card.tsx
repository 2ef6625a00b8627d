"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { displayText } from "#lib/client/format";
import { remediationKeys, reviewRemediation } from "#lib/client/remediations";
import type { RemediationDetail } from "#lib/contracts/remediation";
import { REMEDIATION_REASON_MIN } from "#lib/domain/remediation";
import { FormProblem } from "../sources/form-problem.tsx";
import { Button } from "../ui/button.tsx";
import { Field, fieldHintId, Textarea } from "../ui/input.tsx";
import { Timestamp } from "../ui/timestamp.tsx";
import { announceDone } from "../ui/toast.tsx";
import { Countdown } from "./countdown.tsx";

/** What was done by break-glass is looked at afterwards by somebody else; until then it says so everywhere. */
export function ReviewCard({ request }: { request: RemediationDetail }) {
  const { review } = request;
  if (review === null) return null;
  if (review.state !== "open") {
    return (
      <section aria-label="Review" className="rounded-[6px] border border-line px-3 py-2 text-data">
        <p className="font-medium">
          {review.state === "ratified" ? "Reviewed and ratified" : "Reviewed and disputed"}
          {review.by !== null && ` by ${displayText(review.by).text}`}{" "}
          {review.at !== null && <Timestamp iso={review.at} absolute className="font-normal text-muted" />}
        </p>
        {review.note !== null && <p className="break-words text-muted">{displayText(review.note).text}</p>}
      </section>
    );
  }
  return <OpenReview request={request} dueAt={review.dueAt} />;
}

function OpenReview({ request, dueAt }: { request: RemediationDetail; dueAt: string }) {
  const { id, may } = request;
  const [note, setNote] = useState("");
  const queryClient = useQueryClient();
  const act = useMutation({
    mutationFn: (decision: "ratified" | "disputed") => reviewRemediation(id, { decision, note: note.trim() }),
    onSuccess: (view) => {
      queryClient.setQueryData(remediationKeys.one(id), view);
      announceDone({ title: "The review is closed" });
    },
    onSettled: () => queryClient.invalidateQueries({ queryKey: remediationKeys.all }),
  });
  const short = note.trim().length < REMEDIATION_REASON_MIN;
  return (
    <section
      aria-label="Review"
      className="flex flex-col gap-2 rounded-[6px] border border-danger px-3 py-2 text-data"
    >
      <p className="font-medium">Done without approval. Somebody else must say whether that was right.</p>
      <p className="text-small text-muted">
        <Countdown iso={dueAt} verb="Due" over="The review is overdue." />
      </p>
      {may.review === null ? (
        <>
          <Field
            id="review-note"
            label="What you found"
            hint={`At least ${REMEDIATION_REASON_MIN} characters.`}
          >
            <Textarea
              id="review-note"
              rows={2}
              maxLength={1_000}
              value={note}
              onChange={(event) => setNote(event.target.value)}
              aria-describedby={fieldHintId("review-note")}
            />
          </Field>
          {act.error && <FormProblem error={act.error} />}
          <div className="flex flex-wrap gap-2">
            <Button
              variant="primary"
              className="min-h-11 flex-1 sm:flex-none"
              disabled={short}
              pending={act.isPending}
              onClick={() => act.mutate("ratified")}
            >
              Ratify
            </Button>
            <Button
              className="min-h-11 flex-1 sm:flex-none"
              disabled={short}
              pending={act.isPending}
              onClick={() => act.mutate("disputed")}
            >
              Dispute
            </Button>
          </div>
        </>
      ) : (
        <p className="text-small break-words text-muted">{displayText(may.review).text}</p>
      )}
    </section>
  );
}
