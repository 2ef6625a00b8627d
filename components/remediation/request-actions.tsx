"use client";

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { displayText } from "#lib/client/format";
import {
  actOnRemediation,
  approverGroupsOptions,
  claimRemediation,
  delegateRemediation,
  remediationKeys,
  vote,
} from "#lib/client/remediations";
import type { RemediationDetail } from "#lib/contracts/remediation";
import { REMEDIATION_REASON_MIN } from "#lib/domain/remediation";
import { ReasonDialog } from "../onboarding/reason-dialog.tsx";
import { useAccount } from "../shell/account-context.tsx";
import { FormProblem } from "../sources/form-problem.tsx";
import { Button } from "../ui/button.tsx";
import { Field } from "../ui/input.tsx";
import { Select } from "../ui/select.tsx";
import { announceDone } from "../ui/toast.tsx";

type Ask = "cancel" | "abort" | "retry" | "delegate" | "deny";

const ASK: Readonly<
  Record<Ask, { label: string; title: string; done: string; words: string; danger?: true }>
> = {
  cancel: {
    label: "Cancel the request",
    title: "Cancel the request",
    done: "The request is cancelled",
    words: "Nothing is done to any node. To want it after all is another request.",
  },
  abort: {
    label: "Abort",
    title: "Abort the execution",
    done: "The execution is being aborted",
    words:
      "No further step is begun, and what can be taken back is rolled back. A step that cannot be taken back stays done.",
    danger: true,
  },
  retry: {
    label: "Try again",
    title: "Try the failed steps again",
    done: "The failed steps are tried again",
    words:
      "Steps whose outcome is not known are looked at first. What was observed to be done is not done again.",
  },
  deny: {
    label: "Deny",
    title: "Deny what is approved",
    done: "Denied",
    words: "It has not been started yet, so a denial still ends it. Nothing is done to any node.",
    danger: true,
  },
  delegate: {
    label: "Delegate",
    title: "Hand it to somebody else",
    done: "It is handed on",
    words: "They are asked instead of you, and decide in their own name.",
  },
};
const ORDER: readonly Ask[] = ["retry", "abort", "deny", "delegate", "cancel"];

/** What can be done with a request besides deciding it. What the person may not do is not offered. */
export function RequestActions({ request }: { request: RemediationDetail }) {
  const { id, may, claimedBy } = request;
  const [asked, setAsked] = useState<Ask | null>(null);
  const queryClient = useQueryClient();
  const claim = useMutation({
    mutationFn: (on: boolean) => claimRemediation(id, on),
    onSettled: () => queryClient.invalidateQueries({ queryKey: remediationKeys.all }),
  });
  // While an approval is asked for as well, both stand in the bar at the bottom.
  const offered = ORDER.filter((ask) => may[ask] === null && (ask !== "deny" || may.approve !== null));
  if (offered.length === 0 && may.claim !== null) return null;
  return (
    <div className="flex flex-wrap items-center gap-2">
      {may.claim === null && (
        <Button className="min-h-11" pending={claim.isPending} onClick={() => claim.mutate(!claimedBy?.mine)}>
          {claimedBy?.mine ? "I do not look at it any more" : "I look at it"}
        </Button>
      )}
      {offered.map((ask) => (
        <Button key={ask} className="min-h-11" onClick={() => setAsked(ask)}>
          {ASK[ask].label}
        </Button>
      ))}
      {claim.error && <FormProblem error={claim.error} />}
      <AskDialog request={request} asked={asked} onClose={() => setAsked(null)} />
    </div>
  );
}

function AskDialog({
  request: { id, planHash },
  asked,
  onClose,
}: {
  request: RemediationDetail;
  asked: Ask | null;
  onClose: () => void;
}) {
  const queryClient = useQueryClient();
  const [to, setTo] = useState("");
  const { label, title, done, words, danger } = ASK[asked ?? "cancel"];
  function send(ask: Ask, reason: string): Promise<RemediationDetail> {
    if (ask === "delegate") return delegateRemediation(id, { to, reason });
    if (ask === "deny") return vote(id, { decision: "deny", planHash, reason });
    return actOnRemediation(id, ask, reason);
  }
  async function act(reason: string) {
    if (asked === null) return;
    const view = await send(asked, reason);
    queryClient.setQueryData(remediationKeys.one(id), view);
    announceDone({ title: done });
    await queryClient.invalidateQueries({ queryKey: remediationKeys.all });
  }
  return (
    <ReasonDialog
      open={asked !== null}
      onOpenChange={(open) => !open && onClose()}
      title={title}
      verb={label}
      danger={danger ?? false}
      minLength={REMEDIATION_REASON_MIN}
      ready={asked !== "delegate" || to !== ""}
      act={act}
    >
      <p className="text-data break-words">{words}</p>
      {asked === "delegate" && <DelegateField to={to} onChange={setTo} />}
    </ReasonDialog>
  );
}

/** People who may approve, without oneself. */
function DelegateField({ to, onChange }: { to: string; onChange: (to: string) => void }) {
  const me = useAccount();
  const { data, error } = useQuery(approverGroupsOptions());
  const others = data?.approvers.filter(({ userId }) => userId !== me.id) ?? [];
  if (error) return <FormProblem error={error} />;
  return (
    <Field id="delegate-to" label="To">
      <Select
        id="delegate-to"
        value={to}
        onChange={(event) => onChange(event.target.value)}
        options={[
          { value: "", label: data && others.length === 0 ? "Nobody else may approve" : "Choose somebody" },
          ...others.map(({ userId, email }) => ({ value: userId, label: displayText(email).text })),
        ]}
      />
    </Field>
  );
}
