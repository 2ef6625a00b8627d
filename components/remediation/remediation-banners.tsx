"use client";

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { OctagonPause, ShieldAlert } from "lucide-react";
import { type ReactNode, useState } from "react";
import { displayText, formatPlural } from "#lib/client/format";
import { paths } from "#lib/client/paths";
import { ACTION_WORDS } from "#lib/client/remediation-words";
import { endPause, openReviewsOptions, pauseListOptions, remediationKeys } from "#lib/client/remediations";
import type { PauseView } from "#lib/contracts/remediation";
import { REMEDIATION_REASON_MIN } from "#lib/domain/remediation";
import { ReasonDialog } from "../onboarding/reason-dialog.tsx";
import { useDisabledReason, useMissingRole } from "../shell/account-context.tsx";
import { TimeLink } from "../shell/time-travel.tsx";
import { Button } from "../ui/button.tsx";
import { Timestamp } from "../ui/timestamp.tsx";
import { announceDone } from "../ui/toast.tsx";
import { Countdown } from "./countdown.tsx";

/** Above every page: what was done without approval and is not reviewed, and what holds executions back. */
export function RemediationBanners() {
  const allowed = useMissingRole("remediation:read") === null;
  const reviews = useQuery({ ...openReviewsOptions(), enabled: allowed });
  const pauses = useQuery({ ...pauseListOptions(), enabled: allowed });
  const [review, ...more] = reviews.data?.items ?? [];
  const active = pauses.data?.items.filter((pause) => pause.active) ?? [];
  return (
    <>
      {review && (
        <Banner
          icon={<ShieldAlert aria-hidden className="size-4 text-danger" />}
          said={
            <strong className="font-medium">
              Break-glass: {ACTION_WORDS[review.action].label.toLowerCase()} of{" "}
              {formatPlural(review.nodes, "node")} by {displayText(review.requestedBy ?? "a policy").text},
              not reviewed yet
            </strong>
          }
        >
          <span className="text-small text-muted">
            <Countdown iso={review.dueAt} verb="Due" over="Overdue" />
          </span>
          <TimeLink
            href={paths.remediation(review.requestId)}
            className="link touch inline-flex items-center"
          >
            {review.mayReview === null ? "Review it" : "Look at it"}
          </TimeLink>
          {more.length > 0 && (
            <TimeLink href={paths.myWork()} className="link touch inline-flex items-center">
              {formatPlural(more.length, "more")}
            </TimeLink>
          )}
        </Banner>
      )}
      {active.map((pause) => (
        <PauseBanner key={pause.id} pause={pause} />
      ))}
    </>
  );
}

function PauseBanner({ pause: { id, scope, reason, madeBy, until } }: { pause: PauseView }) {
  const refused = useDisabledReason("remediation:pause");
  const queryClient = useQueryClient();
  const [open, setOpen] = useState(false);
  return (
    <Banner
      icon={<OctagonPause aria-hidden className="size-4 text-warn-fg" />}
      said={
        <>
          <strong className="font-medium">
            {scope === "all" ? "No remediation is started" : "Nothing is contained automatically"}
          </strong>{" "}
          until <Timestamp iso={until} absolute />,{" "}
          {madeBy === null ? "by the product itself" : `by ${displayText(madeBy).text}`}:{" "}
          {displayText(reason).text}
        </>
      }
    >
      {refused === null && (
        <Button size="sm" onClick={() => setOpen(true)}>
          End the pause
        </Button>
      )}
      <ReasonDialog
        open={open}
        onOpenChange={setOpen}
        title="End the pause"
        verb="End the pause"
        minLength={REMEDIATION_REASON_MIN}
        act={async (why) => {
          await endPause(id, why);
          announceDone({ title: "The pause is over" });
          await queryClient.invalidateQueries({ queryKey: remediationKeys.all });
        }}
      >
        <p className="text-data">What is approved and was held back starts as soon as its own time allows.</p>
      </ReasonDialog>
    </Banner>
  );
}

/** @param children links and buttons; they wrap below what is said on a narrow screen */
function Banner({ icon, said, children }: { icon: ReactNode; said: ReactNode; children: ReactNode }) {
  return (
    <div
      role="note"
      className="flex flex-wrap items-center gap-x-3 gap-y-1 border-b border-line-strong px-4 py-1.5 text-data"
    >
      <span className="inline-flex max-w-full min-w-0 items-start gap-2">
        <span className="flex h-5 shrink-0 items-center">{icon}</span>
        <span className="min-w-0 break-words">{said}</span>
      </span>
      {children}
    </div>
  );
}
