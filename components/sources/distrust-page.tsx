"use client";

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { changeKeys, changePreviewOptions, proposeChange } from "#lib/client/changes";
import { displayText } from "#lib/client/format";
import { paths } from "#lib/client/paths";
import type { SourceKeyView } from "#lib/contracts/source";
import { CHANGE_REASON_MIN } from "#lib/domain/change-request";
import { ChangePreviewView } from "../changes/change-preview.tsx";
import { Button } from "../ui/button.tsx";
import { EmptyState } from "../ui/empty-state.tsx";
import { ErrorPanel } from "../ui/error-panel.tsx";
import { Field, fieldHintId, Input, Textarea } from "../ui/input.tsx";
import { SkeletonRows } from "../ui/skeleton.tsx";
import { FormProblem } from "./form-problem.tsx";
import { useSource } from "./source-frame.tsx";

/** What distrusting a key would move, before anything does; and asking for it. */
export function DistrustPage({ sourceId, kid }: { sourceId: string; kid: string }) {
  const key = useSource(sourceId)?.keys.find((known) => known.kid === kid);
  if (!key) {
    return <EmptyState title="The source has no such key">It may have been registered elsewhere.</EmptyState>;
  }
  return <Distrust sourceId={sourceId} signingKey={key} />;
}

/** `2026-03-01T10:00` of a date field, which means UTC here, as an instant; `null` while it is none. */
function instantOf(utc: string): string | null {
  const at = Date.parse(`${utc}Z`);
  return Number.isNaN(at) ? null : new Date(at).toISOString();
}

function Distrust({ sourceId, signingKey }: { sourceId: string; signingKey: SourceKeyView }) {
  const { kid, validFrom, distrustedSince } = signingKey;
  const [preset, setPreset] = useState<"registered" | "custom">("registered");
  const [custom, setCustom] = useState("");
  const [reason, setReason] = useState("");
  const router = useRouter();
  const queryClient = useQueryClient();
  const since = preset === "registered" ? validFrom : instantOf(custom);
  const body = { kind: "key.distrust", payload: { sourceId, kid, since } };
  const planned = useQuery({ ...changePreviewOptions(body), enabled: since !== null });
  const propose = useMutation({
    mutationFn: () => proposeChange({ ...body, reason: reason.trim() }),
    onSuccess: async ({ id }) => {
      await queryClient.invalidateQueries({ queryKey: changeKeys.all });
      router.push(paths.change(id));
    },
  });
  const hasReason = reason.trim().length >= CHANGE_REASON_MIN;
  return (
    <div className="mt-3 flex max-w-[900px] flex-col gap-3 pb-6">
      <h2 className="text-title font-semibold break-words">Distrust key {displayText(kid).text}</h2>
      <p className="max-w-[80ch] text-data text-muted">
        Evidence that this key vouched for is worthless from the chosen instant on, by when it was observed or
        by when it arrived. The key is refused for good. History is derived anew; what was known before stays
        readable. A second person has to approve it.
      </p>
      {distrustedSince !== null && (
        <p className="text-data">It is distrusted already; this moves the instant, back or forth.</p>
      )}
      <fieldset className="flex flex-col gap-1">
        <legend className="text-small font-medium">Worthless since</legend>
        <label className="touch inline-flex min-h-11 items-center gap-2 text-data sm:min-h-8">
          <input
            type="radio"
            name="since"
            checked={preset === "registered"}
            onChange={() => setPreset("registered")}
          />
          The key was registered ({validFrom})
        </label>
        <label className="touch inline-flex min-h-11 items-center gap-2 text-data sm:min-h-8">
          <input
            type="radio"
            name="since"
            checked={preset === "custom"}
            onChange={() => setPreset("custom")}
          />
          Another instant, in UTC
        </label>
        {preset === "custom" && (
          <Input
            type="datetime-local"
            step="1"
            aria-label="Instant in UTC"
            value={custom}
            onChange={(event) => setCustom(event.target.value)}
            className="max-w-[260px]"
          />
        )}
      </fieldset>
      {since === null && <p className="text-data text-muted">Choose an instant to see what would move.</p>}
      {since !== null && planned.isPending && <SkeletonRows rows={6} label="Computing what would move" />}
      {since !== null && planned.error && (
        <ErrorPanel
          title="What would move could not be computed"
          error={planned.error}
          onRetry={() => void planned.refetch()}
        />
      )}
      {planned.data && <ChangePreviewView preview={planned.data.preview} />}
      <Field
        id="distrust-reason"
        label="Reason"
        hint={`At least ${CHANGE_REASON_MIN} characters. The second person decides on it, and it stays on the record.`}
      >
        <Textarea
          id="distrust-reason"
          rows={3}
          maxLength={1_000}
          value={reason}
          onChange={(event) => setReason(event.target.value)}
          aria-describedby={fieldHintId("distrust-reason")}
        />
      </Field>
      {propose.error && <FormProblem error={propose.error} />}
      <div>
        <Button
          variant="danger"
          className="min-h-11"
          disabled={!hasReason || !planned.data}
          pending={propose.isPending}
          onClick={() => propose.mutate()}
        >
          Propose to distrust this key
        </Button>
      </div>
    </div>
  );
}
