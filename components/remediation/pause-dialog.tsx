"use client";

import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { pauseRemediation, remediationKeys } from "#lib/client/remediations";
import type { PauseBody } from "#lib/contracts/remediation";
import { REMEDIATION_REASON_MIN } from "#lib/domain/remediation";
import { ReasonDialog } from "../onboarding/reason-dialog.tsx";
import { useDisabledReason } from "../shell/account-context.tsx";
import { GuardedButton } from "../shell/guarded-button.tsx";
import { Field } from "../ui/input.tsx";
import { Select } from "../ui/select.tsx";
import { announceDone } from "../ui/toast.tsx";

const HOUR_MS = 3_600_000;
const LENGTHS = [
  { value: "1", label: "1 hour" },
  { value: "4", label: "4 hours" },
  { value: "24", label: "a day" },
  { value: "168", label: "7 days" },
];
const SCOPES: readonly { value: PauseBody["scope"]; label: string }[] = [
  { value: "automatic", label: "What policies would do by themselves" },
  { value: "all", label: "Every start, also of what is approved" },
];

/** Holds back what would be started, for a while and for a reason that everybody reads. */
export function PauseButton() {
  const refused = useDisabledReason("remediation:pause");
  const queryClient = useQueryClient();
  const [open, setOpen] = useState(false);
  const [scope, setScope] = useState<PauseBody["scope"]>("automatic");
  const [hours, setHours] = useState("1");
  return (
    <>
      <GuardedButton reason={refused} onClick={() => setOpen(true)}>
        Pause
      </GuardedButton>
      <ReasonDialog
        open={open}
        onOpenChange={setOpen}
        title="Pause remediation"
        verb="Pause"
        minLength={REMEDIATION_REASON_MIN}
        act={async (reason) => {
          const until = new Date(Date.now() + Number(hours) * HOUR_MS - 60_000).toISOString();
          await pauseRemediation({ scope, reason, until });
          announceDone({ title: "Remediation is paused" });
          await queryClient.invalidateQueries({ queryKey: remediationKeys.all });
        }}
      >
        <p className="text-data">
          What is being executed goes on. What was held back starts when the pause ends.
        </p>
        <Field id="pause-scope" label="Hold back">
          <Select
            id="pause-scope"
            value={scope}
            options={SCOPES}
            onChange={(event) => setScope(event.target.value === "all" ? "all" : "automatic")}
          />
        </Field>
        <Field id="pause-length" label="For">
          <Select
            id="pause-length"
            value={hours}
            options={LENGTHS}
            onChange={(event) => setHours(event.target.value)}
          />
        </Field>
      </ReasonDialog>
    </>
  );
}
