"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { revokeApiKey, sourceKeys } from "#lib/client/sources";
import type { ApiKeyView } from "#lib/contracts/source";
import { ConfirmDialog } from "../ui/confirm-dialog.tsx";
import { Timestamp } from "../ui/timestamp.tsx";
import { announceDone } from "../ui/toast.tsx";
import { FormProblem } from "./form-problem.tsx";

/** Takes an API key away from a source, after asking. */
export function RevokeKeyDialog({
  sourceId,
  apiKey,
  open,
  onOpenChange,
}: {
  sourceId: string;
  apiKey: ApiKeyView;
  open: boolean;
  onOpenChange: (open: boolean) => void;
}) {
  const queryClient = useQueryClient();
  const revoke = useMutation({
    mutationFn: () => revokeApiKey(sourceId, apiKey.id),
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: sourceKeys.all });
      announceDone({ title: `API key ${apiKey.prefix}… revoked` });
      onOpenChange(false);
    },
  });

  function change(next: boolean) {
    onOpenChange(next);
    if (!next) revoke.reset();
  }

  return (
    <ConfirmDialog
      open={open}
      onOpenChange={change}
      title={`Revoke API key ${apiKey.prefix}…?`}
      verb="Revoke API key"
      pending={revoke.isPending}
      problem={revoke.error && <FormProblem error={revoke.error} />}
      onConfirm={() => revoke.mutate()}
      fallbackFocus={() => document.querySelector<HTMLElement>("#api-keys")}
    >
      <p>
        Whatever sends with it is refused within seconds, and what is refused then is not stored. What it sent
        before stays. A revoked key cannot be restored.
      </p>
      <p>
        {apiKey.lastUsedAt === null ? (
          "It has never been used."
        ) : (
          <>
            Last used <Timestamp iso={apiKey.lastUsedAt} />. If a sender still depends on it, give that sender
            a new key first.
          </>
        )}
      </p>
    </ConfirmDialog>
  );
}
