"use client";

import { useState } from "react";
import { rollbackPolicy } from "#lib/client/policies";
import type { ActivationView, PolicyView } from "#lib/contracts/policy";
import { ReasonDialog } from "../onboarding/reason-dialog.tsx";
import { Field, fieldHintId } from "../ui/input.tsx";
import { Select } from "../ui/select.tsx";
import { announceDone } from "../ui/toast.tsx";
import { partWords } from "./policy-words.ts";

const REASON_MIN = 10;
const NOTHING = "";

/** Versions that two people have approved, each once, except the one that is newest in force. */
function choicesOf(activations: readonly ActivationView[]): ActivationView[] {
  const enforced = activations.filter(({ stage }) => stage === "enforced");
  const newest = enforced.find(({ to }) => to === null);
  return enforced.filter(
    (one, index) =>
      one.version !== newest?.version &&
      enforced.findIndex(({ version }) => version === one.version) === index,
  );
}

/** Going back takes one action and one person: what comes back was approved by two before. */
export function RollbackDialog({
  policy: { name, activations },
  open,
  onClose,
}: {
  policy: PolicyView;
  open: boolean;
  onClose: (done: boolean) => void;
}) {
  const choices = choicesOf(activations);
  const [chosen, setChosen] = useState<string | null>(null);
  const to = chosen ?? (choices[0] ? `${choices[0].version}` : NOTHING);
  const inForce = activations.filter(({ stage, to: end }) => stage === "enforced" && end === null);
  const toVersion = to === NOTHING ? null : Number(to);
  return (
    <ReasonDialog
      open={open}
      onOpenChange={(next) => !next && onClose(false)}
      title={`Roll ${name} back`}
      verb="Roll back"
      danger
      minLength={REASON_MIN}
      act={async (reason) => {
        await rollbackPolicy(name, { toVersion, reason });
        announceDone({
          title:
            toVersion === null
              ? `${name} decides nothing any more`
              : `v${toVersion} of ${name} decides again`,
        });
        onClose(true);
      }}
    >
      <Field id="rollback-to" label="Back to" hint="Only what two people approved before can come back.">
        <Select
          id="rollback-to"
          value={to}
          options={[
            ...choices.map((one) => ({
              value: `${one.version}`,
              label: `v${one.version}, for ${partWords(one)}`,
            })),
            { value: NOTHING, label: "None of this policy" },
          ]}
          onChange={(event) => setChosen(event.target.value)}
          aria-describedby={fieldHintId("rollback-to")}
        />
      </Field>
      <ul className="list-disc pl-5 text-data">
        {inForce.map((one) => (
          <li key={one.id} className="break-words">
            v{one.version} decides about {partWords(one)} now
          </li>
        ))}
        <li>
          {toVersion === null
            ? "Everything of this policy ends at once. Other policies or the built-in one decide again."
            : `Everything of this policy that was enforced after v${toVersion} ends at once.`}
        </li>
        <li>Nodes are decided again within moments, and their status may become better or worse.</li>
        <li>What was decided before stays in the history. It is on the audit record under your name.</li>
      </ul>
    </ReasonDialog>
  );
}
