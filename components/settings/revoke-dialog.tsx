"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { accessKeys, revokeRole } from "#lib/client/access";
import { displayText } from "#lib/client/format";
import type { RoleGrantView } from "#lib/contracts/access";
import { FormProblem } from "../sources/form-problem.tsx";
import { ConfirmDialog } from "../ui/confirm-dialog.tsx";
import { announceDone } from "../ui/toast.tsx";

/** Why a role that a group gives cannot be taken away here. */
export const FOLLOWS = "Follows a group of the identity provider; change the group or its rule instead.";

/** Takes a role away from a person. */
export function RevokeDialog({
  userId,
  email,
  grant,
  open,
  onOpenChange,
}: {
  userId: string;
  email: string;
  grant: Pick<RoleGrantView, "trustDomainId" | "trustDomain" | "role">;
  open: boolean;
  onOpenChange: (open: boolean) => void;
}) {
  const queryClient = useQueryClient();
  const { trustDomainId, trustDomain, role } = grant;
  const name = displayText(email).text;
  const revoke = useMutation({
    mutationFn: () => revokeRole(userId, { trustDomainId, role }),
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: accessKeys.all });
      announceDone({ title: `${name} is no longer ${role} in ${trustDomain}` });
      onOpenChange(false);
    },
  });
  return (
    <ConfirmDialog
      open={open}
      onOpenChange={(next) => {
        onOpenChange(next);
        if (!next) revoke.reset();
      }}
      fallbackFocus={() => document.querySelector<HTMLElement>("main h1")}
      title={`Take the role ${role} away?`}
      verb="Take the role away"
      pending={revoke.isPending}
      problem={revoke.error && <FormProblem error={revoke.error} />}
      onConfirm={() => revoke.mutate()}
    >
      <p>
        {name} loses it in {displayText(trustDomain).text} and everything below, from the next request on. All
        sessions of this person end.
      </p>
    </ConfirmDialog>
  );
}
