"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { accessKeys, revokeSession } from "#lib/client/access";
import { displayText } from "#lib/client/format";
import type { SessionView } from "#lib/contracts/access";
import { GuardedButton } from "../shell/guarded-button.tsx";
import { FormProblem } from "../sources/form-problem.tsx";
import { Badge } from "../ui/badge.tsx";
import { Timestamp } from "../ui/timestamp.tsx";
import { announceDone } from "../ui/toast.tsx";

/** Open sessions. Ending one takes effect with its next request. */
export function SessionList({
  sessions,
  reason,
}: {
  sessions: readonly SessionView[];
  /** Why the person may not end them; `null` = allowed. */
  reason: string | null;
}) {
  return (
    <ul>
      {sessions.map((session) => (
        <Session key={session.id} session={session} reason={reason} />
      ))}
    </ul>
  );
}

const CURRENT = "This is the session that you are using. Sign out to end it.";

function Session({ session, reason }: { session: SessionView; reason: string | null }) {
  const queryClient = useQueryClient();
  const { id, email, current, createdAt, lastSeenAt, expiresAt, address, userAgent } = session;
  const end = useMutation({
    mutationFn: () => revokeSession(id),
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: accessKeys.all });
      announceDone({ title: "Session ended" });
    },
  });
  const name = displayText(email).text;
  return (
    <li className="flex flex-col gap-1 border-b border-line py-2.5">
      <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1">
        <span className="flex min-w-0 flex-wrap items-center gap-2">
          <span className="min-w-0 font-medium break-all">{name}</span>
          {current && <Badge>This session</Badge>}
        </span>
        <GuardedButton
          size="sm"
          pending={end.isPending}
          reason={reason ?? (current ? CURRENT : null)}
          aria-label={`End the session of ${name}`}
          onClick={() => end.mutate()}
        >
          End
        </GuardedButton>
      </div>
      <p className="text-small text-muted">
        Signed in <Timestamp iso={createdAt} />, last used <Timestamp iso={lastSeenAt} />, ends{" "}
        <Timestamp iso={expiresAt} absolute /> at the latest
        {address !== null && <>, from {displayText(address).text}</>}
      </p>
      {userAgent !== null && (
        <p className="text-small break-words text-muted">{displayText(userAgent).text}</p>
      )}
      {end.error && <FormProblem error={end.error} />}
    </li>
  );
}
