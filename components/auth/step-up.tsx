"use client";

import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { stepUp } from "#lib/client/access";
import { ApiProblem } from "#lib/client/api";
import { onProofWanted } from "#lib/client/step-up";
import type { StepUpBody } from "#lib/contracts/access";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { Field, Input } from "../ui/input.tsx";

/** Asks for the password (and code) once more before something dangerous; what was asked for goes on afterwards. */
export function StepUpDialog() {
  const [open, setOpen] = useState(false);
  const answer = useRef<(proved: boolean) => void>(() => {});
  useEffect(
    () =>
      onProofWanted(
        () =>
          new Promise((resolve) => {
            answer.current = resolve;
            setOpen(true);
          }),
      ),
    [],
  );
  function close(proved: boolean) {
    setOpen(false);
    answer.current(proved);
  }
  return (
    <Dialog
      open={open}
      onOpenChange={(next) => !next && close(false)}
      title="Prove once more who you are"
      description="This action can do great harm. Your proof counts for five minutes."
    >
      {open && <StepUpForm onCancel={() => close(false)} onProved={() => close(true)} />}
    </Dialog>
  );
}

function StepUpForm({ onCancel, onProved }: { onCancel: () => void; onProved: () => void }) {
  const prove = useMutation({ mutationFn: (body: StepUpBody) => stepUp(body), onSuccess: onProved });
  const problem = prove.error instanceof ApiProblem ? prove.error : null;
  // Whoever came from the identity provider has no password here.
  if (problem?.code === "auth/forbidden") return <ProviderStepUp onCancel={onCancel} />;
  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const code = String(form.get("code") ?? "").trim();
    prove.mutate({ password: String(form.get("password") ?? ""), ...(code === "" ? {} : { code }) });
  }
  return (
    <form onSubmit={submit} className="flex flex-col gap-3">
      <Field id="proof-password" label="Password">
        <Input
          id="proof-password"
          name="password"
          type="password"
          autoComplete="current-password"
          required
          maxLength={200}
        />
      </Field>
      <Field id="proof-code" label="Code of your second factor, if you have one">
        <Input id="proof-code" name="code" autoComplete="one-time-code" maxLength={40} />
      </Field>
      {prove.error && (
        <p role="alert" className="text-small text-danger">
          {problem ? problem.detail || problem.title : "Something unexpected happened."}
        </p>
      )}
      <div className="flex justify-end gap-2">
        <Button onClick={onCancel}>Cancel</Button>
        <Button type="submit" variant="primary" pending={prove.isPending}>
          Go on
        </Button>
      </div>
    </form>
  );
}

function ProviderStepUp({ onCancel }: { onCancel: () => void }) {
  async function again() {
    const { signIn } = await import("next-auth/react");
    await signIn("oidc", { callbackUrl: window.location.href }, { prompt: "login", max_age: "0" });
  }
  return (
    <div className="flex flex-col gap-3">
      <p>You signed in at your identity provider. Sign in there again, then repeat the action.</p>
      <div className="flex justify-end gap-2">
        <Button onClick={onCancel}>Cancel</Button>
        <Button variant="primary" onClick={() => void again()}>
          Sign in again
        </Button>
      </div>
    </div>
  );
}
