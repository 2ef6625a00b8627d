"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { displayText, formatDuration, formatPlural } from "#lib/client/format";
import { disableSource, sourceKeys } from "#lib/client/sources";
import type { SourceView } from "#lib/contracts/source";
import { ConfirmDialog } from "../ui/confirm-dialog.tsx";
import { announceDone } from "../ui/toast.tsx";
import { FormProblem } from "./form-problem.tsx";

/** Takes a source out of service, after asking. */
export function DisableSourceDialog({
  source,
  open,
  onOpenChange,
}: {
  source: SourceView;
  open: boolean;
  onOpenChange: (open: boolean) => void;
}) {
  const { id, name, nodes, staleAfterMs } = source;
  const queryClient = useQueryClient();
  const disable = useMutation({
    mutationFn: () => disableSource(id),
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: sourceKeys.all });
      announceDone({ title: `Source “${displayText(name).text}” disabled` });
      onOpenChange(false);
    },
  });

  function change(next: boolean) {
    onOpenChange(next);
    if (!next) disable.reset();
  }

  return (
    <ConfirmDialog
      open={open}
      onOpenChange={change}
      title={`Disable source “${displayText(name).text}”?`}
      verb="Disable source"
      pending={disable.isPending}
      problem={disable.error && <FormProblem error={disable.error} />}
      onConfirm={() => disable.mutate()}
      fallbackFocus={() => document.querySelector<HTMLElement>("main h1")}
    >
      <ul className="flex list-disc flex-col gap-1 pl-5">
        <li>Whatever it sends is refused within seconds, with any of its API keys.</li>
        <li>
          {formatPlural(nodes, "node")} {nodes === 1 ? "gets" : "get"} no new evidence from it
          {staleAfterMs !== null && nodes > 0
            ? `, and what it said counts as stale ${formatDuration(staleAfterMs)} after it was said.`
            : "."}
        </li>
        <li>Its history stays and can be read.</li>
        <li>It cannot be enabled again; a new source would take its place.</li>
      </ul>
    </ConfirmDialog>
  );
}
