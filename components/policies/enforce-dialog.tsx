"use client";

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { type FormEvent, useState } from "react";
import { changeKeys, changePreviewOptions, proposeChange } from "#lib/client/changes";
import { paths } from "#lib/client/paths";
import type { PolicyView } from "#lib/contracts/policy";
import { CHANGE_REASON_MIN } from "#lib/domain/change-request";
import { ChangePreviewView } from "../changes/change-preview.tsx";
import { useAccount } from "../shell/account-context.tsx";
import { FormProblem } from "../sources/form-problem.tsx";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { Field, fieldHintId, Textarea } from "../ui/input.tsx";
import { Select } from "../ui/select.tsx";
import { useSettled } from "../ui/settled.ts";
import { SkeletonRows } from "../ui/skeleton.tsx";
import { ALL_NODES, PartFields, partOf } from "./part-fields.tsx";

const TYPING_MS = 400;
const CANARY_PERCENT = "10";

const TITLE = { enforce: "Enforce a version", canary: "Try a version on a part of the nodes" } as const;

/** What enforcing would move, before anything does; and asking a second person for it. */
export function EnforceDialog({
  policy,
  asked,
  onClose,
}: {
  policy: PolicyView;
  asked: keyof typeof TITLE | null;
  onClose: () => void;
}) {
  return (
    <Dialog
      open={asked !== null}
      onOpenChange={(open) => !open && onClose()}
      title={`${TITLE[asked ?? "enforce"]} of ${policy.name}`}
      description="From the approval on it decides about these nodes. What was decided before stays."
      wide
    >
      {asked && <EnforceForm policy={policy} canary={asked === "canary"} onCancel={onClose} />}
    </Dialog>
  );
}

function EnforceForm({
  policy: { name, versions },
  canary,
  onCancel,
}: {
  policy: PolicyView;
  canary: boolean;
  onCancel: () => void;
}) {
  const router = useRouter();
  const queryClient = useQueryClient();
  const { email } = useAccount();
  const [version, setVersion] = useState(versions[0]?.version ?? 1);
  const [part, setPart] = useState(canary ? { ...ALL_NODES, percent: CANARY_PERCENT } : ALL_NODES);
  const [reason, setReason] = useState("");
  const stated = partOf(part);
  const selector = useSettled(part.selector.trim(), TYPING_MS);
  const percent = useSettled(part.percent, TYPING_MS);
  const settled = stated !== null && stated.selector === selector && part.percent === percent;
  const payload = { name, version, selector, percent: Number(percent) };
  const body = { kind: "policy.enforce", payload };
  const planned = useQuery({ ...changePreviewOptions(body), enabled: settled });
  const propose = useMutation({
    mutationFn: () => proposeChange({ ...body, reason: reason.trim() }),
    onSuccess: async (change) => {
      await queryClient.invalidateQueries({ queryKey: changeKeys.all });
      router.push(paths.change(change.id));
    },
  });
  const isAuthor = versions.find((one) => one.version === version)?.author === email;
  const ready = settled && planned.data !== undefined && reason.trim().length >= CHANGE_REASON_MIN;
  function submit(event: FormEvent) {
    event.preventDefault();
    if (ready) propose.mutate();
  }
  return (
    <form onSubmit={submit} className="flex flex-col gap-3">
      <Field id="enforce-version" label="Version">
        <Select
          id="enforce-version"
          value={`${version}`}
          options={versions.map((one) => ({
            value: `${one.version}`,
            label: `v${one.version} (${one.stage})`,
          }))}
          onChange={(event) => setVersion(Number(event.target.value))}
        />
      </Field>
      <PartFields id="enforce" value={part} onChange={setPart} />
      <p className="text-data">
        A second person has to approve it
        {isAuthor
          ? ". You wrote this version: you may propose it, and cannot be the one who approves."
          : ", and not the one who wrote the version."}
      </p>
      {stated !== null && !planned.data && !planned.error && (
        <SkeletonRows rows={4} label="Computing what would move" />
      )}
      {planned.error && <FormProblem error={planned.error} />}
      {planned.data && <ChangePreviewView preview={planned.data.preview} />}
      <Field
        id="enforce-reason"
        label="Reason"
        hint={`At least ${CHANGE_REASON_MIN} characters. The second person decides on it, and it stays on the record.`}
      >
        <Textarea
          id="enforce-reason"
          rows={3}
          maxLength={1_000}
          value={reason}
          onChange={(event) => setReason(event.target.value)}
          aria-describedby={fieldHintId("enforce-reason")}
        />
      </Field>
      {propose.error && <FormProblem error={propose.error} />}
      <div className="flex flex-wrap justify-end gap-2">
        <Button onClick={onCancel}>Cancel</Button>
        <Button type="submit" variant="primary" disabled={!ready} pending={propose.isPending}>
          Propose to enforce
        </Button>
      </div>
    </form>
  );
}
