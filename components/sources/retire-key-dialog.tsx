"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useId, useState } from "react";
import { middleEllipsis } from "#lib/client/format";
import { retireKey, sourceKeys } from "#lib/client/sources";
import type { SourceKeyView } from "#lib/contracts/source";
import { ConfirmDialog } from "../ui/confirm-dialog.tsx";
import { Field, fieldHintId } from "../ui/input.tsx";
import { Select } from "../ui/select.tsx";
import { Timestamp } from "../ui/timestamp.tsx";
import { announceDone } from "../ui/toast.tsx";
import { FormProblem } from "./form-problem.tsx";

const GRACE = [
  { value: "0", label: "none" },
  { value: "300", label: "5 minutes" },
  { value: "3600", label: "1 hour" },
  { value: "86400", label: "1 day" },
];

/** Ends a signing key, after asking. */
export function RetireKeyDialog({
  sourceId,
  signingKey: { kid, lastUsedAt },
  open,
  onOpenChange,
}: {
  sourceId: string;
  signingKey: SourceKeyView;
  open: boolean;
  onOpenChange: (open: boolean) => void;
}) {
  const queryClient = useQueryClient();
  const [grace, setGrace] = useState("300");
  const graceId = useId();
  const retire = useMutation({
    mutationFn: () => retireKey(sourceId, { kid, graceSeconds: Number(grace) }),
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: sourceKeys.all });
      announceDone({ title: `Key ${middleEllipsis(kid, 12)} retired` });
      onOpenChange(false);
    },
  });

  function change(next: boolean) {
    onOpenChange(next);
    if (!next) retire.reset();
  }

  return (
    <ConfirmDialog
      open={open}
      onOpenChange={change}
      title={`Retire key ${middleEllipsis(kid, 12)}?`}
      verb="Retire key"
      pending={retire.isPending}
      problem={retire.error && <FormProblem error={retire.error} />}
      onConfirm={() => retire.mutate()}
      fallbackFocus={() => document.querySelector<HTMLElement>("#signing-keys")}
    >
      <p>
        What it signs after the grace period is refused and not stored. What it signed before still counts,
        however late it arrives. A retired key cannot be used again. If it fell into wrong hands, retiring is
        not enough: whoever holds it can still claim an earlier time.
      </p>
      <p>
        {lastUsedAt === null ? (
          "It has not vouched for anything yet."
        ) : (
          <>
            It last vouched for a message <Timestamp iso={lastUsedAt} />. If that goes on, a sender still
            depends on it.
          </>
        )}
      </p>
      <Field id={graceId} label="Grace period" hint="How long after now what it signs still counts.">
        <Select
          id={graceId}
          value={grace}
          onChange={(event) => setGrace(event.target.value)}
          options={GRACE}
          aria-describedby={fieldHintId(graceId)}
        />
      </Field>
    </ConfirmDialog>
  );
}
