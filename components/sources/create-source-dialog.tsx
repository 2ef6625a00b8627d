"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { type FormEvent, useRef, useState } from "react";
import { ApiProblem } from "#lib/client/api";
import { paths } from "#lib/client/paths";
import { createSource, sourceKeys } from "#lib/client/sources";
import type { CreateSourceBody } from "#lib/contracts/source";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { Field, fieldHintId, Input, Textarea } from "../ui/input.tsx";
import { Select } from "../ui/select.tsx";
import { announceDone } from "../ui/toast.tsx";
import { FormProblem } from "./form-problem.tsx";
import { describeKey, leavesAlgorithmOpen, type PastedKeys, RSA_ALGORITHMS, readKeys } from "./read-keys.ts";
import { SOURCE_KINDS, sourceKind } from "./source-kinds.tsx";

const NO_KEYS: PastedKeys = { keys: [], certificates: 0 };
const PLACEHOLDER = `-----BEGIN PUBLIC KEY-----
…
or {"keys": [{"kty": "EC", "crv": "P-256", "x": "…", "y": "…"}]}`;

/** Makes a source: its kind, its name, and the public keys that may vouch for its messages. */
export function CreateSourceDialog({
  open,
  onOpenChange,
}: {
  open: boolean;
  onOpenChange: (open: boolean) => void;
}) {
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title="Create source"
      description="A verifier or bootstrap system that may send to Touchstone."
    >
      <CreateSourceForm onDone={() => onOpenChange(false)} />
    </Dialog>
  );
}

function CreateSourceForm({ onDone }: { onDone: () => void }) {
  const router = useRouter();
  const queryClient = useQueryClient();
  const [kind, setKind] = useState("generic");
  const [name, setName] = useState("");
  const [read, setRead] = useState<PastedKeys>(NO_KEYS);
  const [rsaAlgorithm, setRsaAlgorithm] = useState("");
  const pasted = useRef("");
  const { sends, needsKeys } = sourceKind(kind);
  const keysProblem = "problem" in read ? read.problem : null;
  const asksAlgorithm = "keys" in read && read.keys.some(leavesAlgorithmOpen);

  const create = useMutation({
    mutationFn: (body: CreateSourceBody) => createSource(body),
    onSuccess: async (source) => {
      await queryClient.invalidateQueries({ queryKey: sourceKeys.all });
      announceDone({
        title: `Source “${source.name}” created`,
        description: "Next: create an API key for it.",
      });
      onDone();
      router.push(paths.source(source.id));
    },
  });
  const problem = create.error instanceof ApiProblem ? create.error : null;
  const nameTaken = problem?.code === "source/name-taken";

  async function take(text: string): Promise<PastedKeys> {
    pasted.current = text;
    const found = await readKeys(text);
    // Reading takes a moment; what was typed since then counts.
    if (pasted.current === text) setRead(found);
    return found;
  }

  async function submit(event: FormEvent) {
    event.preventDefault();
    const found = await take(pasted.current);
    if ("problem" in found) return;
    if (found.keys.some(leavesAlgorithmOpen) && rsaAlgorithm === "") return;
    const keys = found.keys.map((key) => (leavesAlgorithmOpen(key) ? { ...key, alg: rsaAlgorithm } : key));
    create.mutate({ kind, name: name.trim(), ...(keys.length > 0 ? { jwks: { keys } } : {}) });
  }

  return (
    <form onSubmit={(event) => void submit(event)} className="flex flex-col gap-3">
      <Field id="source-kind" label="Kind" hint={sends}>
        <Select
          id="source-kind"
          value={kind}
          onChange={(event) => setKind(event.target.value)}
          options={SOURCE_KINDS.map((entry) => ({ value: entry.kind, label: entry.label }))}
          aria-describedby={fieldHintId("source-kind")}
        />
      </Field>
      <Field
        id="source-name"
        label="Name"
        hint="Shown with every verdict; unique."
        error={nameTaken ? problem.detail : null}
      >
        <Input
          id="source-name"
          value={name}
          onChange={(event) => setName(event.target.value)}
          required
          maxLength={80}
          autoComplete="off"
          aria-invalid={nameTaken}
          aria-describedby={fieldHintId("source-name")}
        />
      </Field>
      <Field
        id="source-keys"
        label={needsKeys ? "Public keys" : "Public keys, optional"}
        hint={<KeysHint read={read} />}
        error={keysProblem}
      >
        <Textarea
          id="source-keys"
          onChange={(event) => void take(event.target.value)}
          rows={6}
          spellCheck={false}
          required={needsKeys}
          placeholder={PLACEHOLDER}
          className="font-mono text-small"
          aria-invalid={keysProblem !== null}
          aria-describedby={fieldHintId("source-keys")}
        />
      </Field>
      {asksAlgorithm && (
        <Field
          id="source-algorithm"
          label="Algorithm of the RSA keys"
          hint="An RSA key does not say which one it signs with; its verifier's configuration does."
        >
          <Select
            id="source-algorithm"
            value={rsaAlgorithm}
            onChange={(event) => setRsaAlgorithm(event.target.value)}
            required
            options={[
              { value: "", label: "Choose one" },
              ...RSA_ALGORITHMS.map((value) => ({ value, label: value })),
            ]}
            aria-describedby={fieldHintId("source-algorithm")}
          />
        </Field>
      )}
      {create.error && !nameTaken && <FormProblem error={create.error} />}
      <div className="flex justify-end gap-2">
        <Button onClick={onDone}>Cancel</Button>
        <Button type="submit" variant="primary" pending={create.isPending} disabled={keysProblem !== null}>
          Create source
        </Button>
      </div>
    </form>
  );
}

/** What was read of the pasted text, so that it can be compared before anything is trusted. */
function KeysHint({ read }: { read: PastedKeys }) {
  if ("problem" in read || read.keys.length === 0) {
    return "A JWK set, one JWK, or PEM: public keys or certificates, up to 20. Signatures are checked against exactly these keys.";
  }
  return (
    <>
      Read: {read.keys.map(describeKey).join("; ")}.
      {read.certificates > 1 &&
        " The key of every certificate will be believed: leave out those of the issuing authorities."}
    </>
  );
}
