"use client";

import { useState } from "react";
import { makePolicyException } from "#lib/client/policies";
import type { PolicyView } from "#lib/contracts/policy";
import { ReasonDialog } from "../onboarding/reason-dialog.tsx";
import { Field, fieldHintId, Input } from "../ui/input.tsx";
import { Select } from "../ui/select.tsx";
import { announceDone } from "../ui/toast.tsx";

const REASON_MIN = 10;

/** The instant of a date field, which means UTC here; `null` = it is none. */
function instantOf(utc: string): string | null {
  const at = Date.parse(`${utc}Z`);
  return utc === "" || Number.isNaN(at) ? null : new Date(at).toISOString();
}

/** Takes a rule out of force for some nodes. The end is asked for and cannot be left out. */
export function ExceptionDialog({
  policy: { name, ruleList },
  open,
  onClose,
}: {
  policy: PolicyView;
  open: boolean;
  onClose: (done: boolean) => void;
}) {
  const [ruleId, setRuleId] = useState(ruleList[0]?.id ?? "");
  const [selector, setSelector] = useState("");
  const [until, setUntil] = useState("");
  const end = instantOf(until);
  return (
    <ReasonDialog
      open={open}
      onOpenChange={(next) => !next && onClose(false)}
      title={`Make an exception from ${name}`}
      verb="Make the exception"
      danger
      minLength={REASON_MIN}
      ready={selector.trim() !== "" && end !== null}
      act={async (reason) => {
        await makePolicyException({
          policy: name,
          ruleId,
          selector: selector.trim(),
          reason,
          until: end ?? "",
        });
        setSelector("");
        setUntil("");
        announceDone({ title: `${ruleId} does not count for these nodes` });
        onClose(true);
      }}
    >
      <p className="text-data">
        The nodes are exempt where the rule would have decided. They are not trusted because of it, and what
        it kept from counting is counted.
      </p>
      <Field id="exception-rule" label="Rule">
        <Select
          id="exception-rule"
          value={ruleId}
          options={ruleList.map(({ id, status }) => ({ value: id, label: `${id} (${status})` }))}
          onChange={(event) => setRuleId(event.target.value)}
        />
      </Field>
      <Field
        id="exception-selector"
        label="For nodes that match"
        hint='CEL, for example node.name == "gpu-07".'
      >
        <Input
          id="exception-selector"
          required
          maxLength={4_000}
          className="font-mono"
          spellCheck={false}
          value={selector}
          onChange={(event) => setSelector(event.target.value)}
          aria-describedby={fieldHintId("exception-selector")}
        />
      </Field>
      <Field id="exception-until" label="Ends (UTC)" hint="Required; within 180 days.">
        <Input
          id="exception-until"
          type="datetime-local"
          required
          value={until}
          onChange={(event) => setUntil(event.target.value)}
          aria-describedby={fieldHintId("exception-until")}
        />
      </Field>
    </ReasonDialog>
  );
}
