"use client";

import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { startShadow } from "#lib/client/policies";
import type { PolicyView } from "#lib/contracts/policy";
import { FormProblem } from "../sources/form-problem.tsx";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { Field } from "../ui/input.tsx";
import { Select } from "../ui/select.tsx";
import { announceDone } from "../ui/toast.tsx";
import { ALL_NODES, PartFields, partOf } from "./part-fields.tsx";

/** Watching what a version would decide. It needs no second person, because it decides nothing. */
export function ShadowDialog({
  policy,
  open,
  onClose,
}: {
  policy: PolicyView;
  open: boolean;
  onClose: (done: boolean) => void;
}) {
  return (
    <Dialog
      open={open}
      onOpenChange={(next) => !next && onClose(false)}
      title={`Put a version of ${policy.name} in shadow`}
      description="It decides nothing. The nodes about which it would decide otherwise are listed."
    >
      {open && <ShadowForm policy={policy} onClose={onClose} />}
    </Dialog>
  );
}

function ShadowForm({
  policy: { name, versions },
  onClose,
}: {
  policy: PolicyView;
  onClose: (done: boolean) => void;
}) {
  const [version, setVersion] = useState(versions[0]?.version ?? 1);
  const [part, setPart] = useState(ALL_NODES);
  const stated = partOf(part);
  const start = useMutation({
    mutationFn: (body: { selector: string; percent: number }) => startShadow(name, { version, ...body }),
    onSuccess: () => {
      announceDone({ title: `v${version} of ${name} is in shadow` });
      onClose(true);
    },
  });
  function submit(event: FormEvent) {
    event.preventDefault();
    if (stated) start.mutate(stated);
  }
  return (
    <form onSubmit={submit} className="flex flex-col gap-3">
      <Field id="shadow-version" label="Version">
        <Select
          id="shadow-version"
          value={`${version}`}
          options={versions.map((one) => ({
            value: `${one.version}`,
            label: `v${one.version} (${one.stage})`,
          }))}
          onChange={(event) => setVersion(Number(event.target.value))}
        />
      </Field>
      <PartFields id="shadow" value={part} onChange={setPart} />
      {start.error && <FormProblem error={start.error} />}
      <div className="flex flex-wrap justify-end gap-2">
        <Button onClick={() => onClose(false)}>Cancel</Button>
        <Button type="submit" variant="primary" disabled={stated === null} pending={start.isPending}>
          Start the shadow
        </Button>
      </div>
    </form>
  );
}
