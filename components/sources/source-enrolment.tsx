"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { setSourceEnrolment } from "#lib/client/identity";
import { sourceKeys } from "#lib/client/sources";
import type { SourceView } from "#lib/contracts/source";
import { useDisabledReason } from "../shell/account-context.tsx";
import { GuardedButton } from "../shell/guarded-button.tsx";
import { announceDone } from "../ui/toast.tsx";
import { FormProblem } from "./form-problem.tsx";

/** Whether nodes that the source introduces wait for a person. */
export function SourceEnrolment({ source }: { source: SourceView }) {
  const queryClient = useQueryClient();
  const reason = useDisabledReason("source:manage");
  const asks = source.enrolment === "ask";
  const change = useMutation({
    mutationFn: () => setSourceEnrolment(source.id, { enrolment: asks ? "accept" : "ask" }),
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: sourceKeys.all });
      announceDone({ title: asks ? "New nodes are accepted" : "New nodes wait for a decision" });
    },
  });
  return (
    <div className="flex flex-wrap items-center justify-between gap-3">
      <p className="min-w-0 flex-1 basis-64">
        {asks
          ? "Nodes that this source introduces wait in the enrolment queue and are not trusted until a person accepts them."
          : "Nodes that this source introduces join at once; their verdicts decide."}
      </p>
      <GuardedButton size="sm" reason={reason} pending={change.isPending} onClick={() => change.mutate()}>
        {asks ? "Accept new nodes" : "Ask before a node joins"}
      </GuardedButton>
      {change.error && <FormProblem error={change.error} />}
    </div>
  );
}
