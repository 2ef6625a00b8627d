"use client";

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { displayText } from "#lib/client/format";
import { remediationKeys } from "#lib/client/remediations";
import { endSacrificial, markSacrificial, sacrificialOptions } from "#lib/client/sacrificial";
import { fieldOfInstant, instantOfField } from "#lib/client/utc-field";
import { REMEDIATION_REASON_MIN } from "#lib/domain/remediation";
import { ReasonDialog } from "../onboarding/reason-dialog.tsx";
import { useDisabledReason, useMissingRole } from "../shell/account-context.tsx";
import { GuardedButton } from "../shell/guarded-button.tsx";
import { Badge } from "../ui/badge.tsx";
import { Field, fieldHintId, Input } from "../ui/input.tsx";
import { Timestamp } from "../ui/timestamp.tsx";

function useMark(nodeId: string) {
  const allowed = useMissingRole("remediation:read") === null;
  return useQuery({ ...sacrificialOptions(nodeId), enabled: allowed }).data;
}

/** That recipes are drilled on the node; nothing when they are not. */
export function SacrificialBadge({ nodeId }: { nodeId: string }) {
  const mark = useMark(nodeId)?.mark ?? null;
  return mark === null ? null : <Badge tone="warn">Sacrificial</Badge>;
}

/** Why and until when recipes may be drilled on the node, and the way to change that. */
export function SacrificialMark({ nodeId }: { nodeId: string }) {
  const queryClient = useQueryClient();
  const refused = useDisabledReason("remediation:configure");
  const [open, setOpen] = useState(false);
  const [until, setUntil] = useState("");
  const data = useMark(nodeId);
  if (!data) return <span className="text-muted">not known</span>;
  const { mark } = data;
  const wanted = instantOfField(until);
  async function change(reason: string) {
    if (mark !== null) await endSacrificial(nodeId, { reason });
    else if (wanted !== null) await markSacrificial(nodeId, { reason, until: wanted });
    await queryClient.invalidateQueries({ queryKey: remediationKeys.all });
  }
  return (
    <span className="flex min-w-0 flex-wrap items-center gap-x-2">
      {mark === null ? (
        <span className="text-muted">none for real</span>
      ) : (
        <span className="break-words">
          sacrificial until <Timestamp iso={mark.until} absolute />, by {displayText(mark.by).text}:{" "}
          {displayText(mark.reason).text}
        </span>
      )}
      <GuardedButton
        size="sm"
        variant="ghost"
        reason={refused}
        onClick={() => {
          // A week is usual; 30 days are the most.
          setUntil(fieldOfInstant(Date.now() + 7 * 86_400_000));
          setOpen(true);
        }}
      >
        {mark === null ? "Mark as sacrificial" : "End the mark"}
      </GuardedButton>
      <ReasonDialog
        open={open}
        onOpenChange={setOpen}
        title={mark === null ? "Mark as sacrificial" : "End the mark"}
        verb={mark === null ? "Mark it" : "End it"}
        minLength={REMEDIATION_REASON_MIN}
        ready={mark !== null || wanted !== null}
        act={change}
      >
        <p className="text-small text-muted">
          {mark === null
            ? "Recipes may then be carried out on it for nothing but finding out whether they work. Each is still agreed to by others."
            : "Drills of the node that were not begun yet are not begun any more."}
        </p>
        {mark === null && (
          <Field id="sacrificial-until" label="Until (UTC)" hint="30 days ahead at most.">
            <Input
              id="sacrificial-until"
              type="datetime-local"
              required
              value={until}
              onChange={(event) => setUntil(event.target.value)}
              aria-describedby={fieldHintId("sacrificial-until")}
            />
          </Field>
        )}
      </ReasonDialog>
    </span>
  );
}
