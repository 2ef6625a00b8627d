"use client";

import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { setAutomatic } from "#lib/client/automatic";
import { MODE_WORDS } from "#lib/client/automatic-words";
import { remediationKeys } from "#lib/client/remediations";
import type { AutomaticReport } from "#lib/contracts/automatic";
import { AUTOMATIC_MODES, type AutomaticMode } from "#lib/domain/automatic";
import { REMEDIATION_REASON_MIN } from "#lib/domain/remediation";
import { ReasonDialog } from "../onboarding/reason-dialog.tsx";
import { announceDone } from "../ui/toast.tsx";

/** Another mode, with a reason that stays. */
export function AutomaticDialog({
  report: { setting, sums, domain },
  open,
  onOpenChange,
}: {
  report: AutomaticReport;
  open: boolean;
  onOpenChange: (open: boolean) => void;
}) {
  const queryClient = useQueryClient();
  const [mode, setMode] = useState<AutomaticMode>(setting.mode);
  const untried = mode === "execute" && (setting.mode === "off" || sums.acts + sums.held === 0);
  return (
    <ReasonDialog
      open={open}
      onOpenChange={(next) => {
        setMode(setting.mode);
        onOpenChange(next);
      }}
      title={`Change automatic containment of ${domain.name}`}
      verb={mode === "execute" ? "Let it execute" : "Save"}
      danger={mode === "execute"}
      minLength={REMEDIATION_REASON_MIN}
      ready={mode !== setting.mode}
      act={async (reason) => {
        await setAutomatic({ mode, revision: setting.revision, reason });
        announceDone({ title: `Automatic containment: ${MODE_WORDS[mode].label.toLowerCase()}` });
        await queryClient.invalidateQueries({ queryKey: remediationKeys.all });
      }}
    >
      <fieldset className="flex flex-col gap-2">
        <legend className="label pb-1">What happens with a node that newly fails</legend>
        {AUTOMATIC_MODES.map((one) => (
          <label key={one} className="touch flex items-start gap-2 text-data">
            <input
              type="radio"
              name="automatic-mode"
              value={one}
              checked={mode === one}
              onChange={() => setMode(one)}
              className="mt-0.5 size-4 shrink-0"
            />
            <span>
              <strong className="font-medium">{MODE_WORDS[one].label}.</strong> {MODE_WORDS[one].does}
            </span>
          </label>
        ))}
      </fieldset>
      <p className="text-small text-muted">Only failures from now on are judged.</p>
      {untried && (
        <p role="status" className="text-small text-warn-fg">
          It has judged no failure as it is set now. In shadow you would see first what it would do.
        </p>
      )}
    </ReasonDialog>
  );
}
