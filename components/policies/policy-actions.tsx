"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { fleetKeys } from "#lib/client/fleet";
import { endShadow, policyKeys } from "#lib/client/policies";
import type { PolicyView } from "#lib/contracts/policy";
import { useDisabledReason } from "../shell/account-context.tsx";
import { GuardedButton } from "../shell/guarded-button.tsx";
import { FormProblem } from "../sources/form-problem.tsx";
import { announceDone } from "../ui/toast.tsx";
import { EnforceDialog } from "./enforce-dialog.tsx";
import { RollbackDialog } from "./rollback-dialog.tsx";
import { ShadowDialog } from "./shadow-dialog.tsx";

type Asked = "enforce" | "canary" | "shadow" | "rollback";

/** What can be done with a policy. Deciding needs a second person; watching and going back do not. */
export function PolicyActions({ policy }: { policy: PolicyView }) {
  const { name, active, activations } = policy;
  const queryClient = useQueryClient();
  const [asked, setAsked] = useState<Asked | null>(null);
  const mayPropose = useDisabledReason("change:propose");
  const mayWrite = useDisabledReason("policy:write");
  const mayRollBack = useDisabledReason("policy:rollback");
  const end = useMutation({
    mutationFn: () => endShadow(name),
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: policyKeys.all });
      announceDone({ title: `${name} is out of shadow` });
    },
  });
  const wasEnforced = activations.some(({ stage }) => stage === "enforced");
  const close = async (done: boolean) => {
    setAsked(null);
    if (!done) return;
    await Promise.all(
      [policyKeys.all, fleetKeys.all].map((queryKey) => queryClient.invalidateQueries({ queryKey })),
    );
  };
  return (
    <>
      {end.error && <FormProblem error={end.error} />}
      {active.some(({ stage }) => stage === "shadow") ? (
        <GuardedButton reason={mayWrite} pending={end.isPending} onClick={() => end.mutate()}>
          End shadow
        </GuardedButton>
      ) : (
        <GuardedButton reason={mayWrite} onClick={() => setAsked("shadow")}>
          Shadow
        </GuardedButton>
      )}
      {wasEnforced && (
        <GuardedButton reason={mayRollBack} onClick={() => setAsked("rollback")}>
          Roll back
        </GuardedButton>
      )}
      <GuardedButton reason={mayPropose} onClick={() => setAsked("canary")}>
        Canary
      </GuardedButton>
      <GuardedButton variant="primary" reason={mayPropose} onClick={() => setAsked("enforce")}>
        Enforce
      </GuardedButton>
      <EnforceDialog
        policy={policy}
        asked={asked === "enforce" || asked === "canary" ? asked : null}
        onClose={() => void close(false)}
      />
      <ShadowDialog policy={policy} open={asked === "shadow"} onClose={(done) => void close(done)} />
      <RollbackDialog policy={policy} open={asked === "rollback"} onClose={(done) => void close(done)} />
    </>
  );
}
