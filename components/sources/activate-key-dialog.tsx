"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { middleEllipsis } from "#lib/client/format";
import { activateKey, sourceKeys } from "#lib/client/sources";
import type { SourceKeyView } from "#lib/contracts/source";
import { ConfirmDialog } from "../ui/confirm-dialog.tsx";
import { Timestamp } from "../ui/timestamp.tsx";
import { announceDone } from "../ui/toast.tsx";
import { FormProblem } from "./form-problem.tsx";

/** Says that a prepared key is in use, after asking. */
export function ActivateKeyDialog({
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
  const activate = useMutation({
    mutationFn: () => activateKey(sourceId, { kid }),
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: sourceKeys.all });
      announceDone({
        title: `Key ${middleEllipsis(kid, 12)} activated`,
        description: "Next: retire the old key once it is no longer used.",
      });
      onOpenChange(false);
    },
  });

  function change(next: boolean) {
    onOpenChange(next);
    if (!next) activate.reset();
  }

  return (
    <ConfirmDialog
      open={open}
      onOpenChange={change}
      title={`Activate key ${middleEllipsis(kid, 12)}?`}
      verb="Activate key"
      pending={activate.isPending}
      problem={activate.error && <FormProblem error={activate.error} />}
      onConfirm={() => activate.mutate()}
      fallbackFocus={() => document.querySelector<HTMLElement>("#signing-keys")}
    >
      <p>Do this when the sender signs with it. The old key stays believed until it is retired.</p>
      <p>
        {lastUsedAt === null ? (
          "Nothing that it signed has arrived yet: the sender may still use the old key."
        ) : (
          <>
            It last vouched for a message <Timestamp iso={lastUsedAt} />.
          </>
        )}
      </p>
    </ConfirmDialog>
  );
}
