"use client";

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { displayText, formatPlural } from "#lib/client/format";
import { deadLettersOptions, replayDeadLetters, sinkKeys } from "#lib/client/sinks";
import { GuardedButton } from "../shell/guarded-button.tsx";
import { FormProblem } from "../sources/form-problem.tsx";
import { Badge } from "../ui/badge.tsx";
import { Timestamp } from "../ui/timestamp.tsx";
import { announceDone } from "../ui/toast.tsx";

/** What the receiver refused for good, with the reasons; the last 200. */
export function DeadLetters({
  sinkId,
  name,
  reason,
}: {
  sinkId: string;
  name: string;
  reason: string | null;
}) {
  const { data, error } = useQuery(deadLettersOptions(sinkId));
  const queryClient = useQueryClient();
  const replay = useMutation({
    mutationFn: (seqs: number[] | null) => replayDeadLetters(sinkId, seqs),
    onSuccess: () => announceDone({ title: `What ${name} refused is sent again` }),
    onSettled: () => queryClient.invalidateQueries({ queryKey: sinkKeys.all }),
  });
  if (!data)
    return (
      <p role={error ? "alert" : "status"} className="text-small text-muted">
        {error ? "What it refused could not be loaded." : "Loading…"}
      </p>
    );
  if (data.items.length === 0) return <p className="text-small text-muted">It refuses nothing any more.</p>;
  return (
    <section aria-label={`Dead letters of ${name}`} className="flex min-w-0 flex-col gap-1 text-small">
      <p>
        <GuardedButton
          size="sm"
          reason={reason}
          pending={replay.isPending}
          aria-label={`Send all again to ${name}`}
          onClick={() => replay.mutate(null)}
        >
          Send all again
        </GuardedButton>
      </p>
      {replay.error && <FormProblem error={replay.error} />}
      <ul>
        {data.items.map(({ seq, factId, reason: why, at, attempts, waiting }) => (
          <li
            key={seq}
            className="flex min-w-0 flex-wrap items-center justify-between gap-x-3 gap-y-1 border-b border-line py-1"
          >
            <span className="min-w-0 break-words">
              <span className="tabular-nums">No. {seq}</span> {waiting && <Badge>waits to be sent</Badge>}{" "}
              {displayText(why).text}{" "}
              <span className="text-muted">
                <Timestamp iso={at} />, {formatPlural(attempts, "attempt")}, id{" "}
                <code className="font-mono break-all">{factId}</code>
              </span>
            </span>
            {!waiting && (
              <GuardedButton
                size="sm"
                reason={reason}
                pending={replay.isPending}
                aria-label={`Send again: number ${seq} to ${name}`}
                onClick={() => replay.mutate([seq])}
              >
                Send again
              </GuardedButton>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
