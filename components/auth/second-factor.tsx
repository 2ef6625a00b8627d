"use client";

import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { beginSecondFactor, confirmSecondFactor, removeSecondFactor } from "#lib/client/access";
import { FormProblem } from "../sources/form-problem.tsx";
import { Button } from "../ui/button.tsx";
import { CodeBlock } from "../ui/code-block.tsx";
import { Field, fieldHintId, Input } from "../ui/input.tsx";
import { announceDone } from "../ui/toast.tsx";

/** Sets up an authenticator app for one's own account, or removes it. */
export function SecondFactor() {
  const begin = useMutation({ mutationFn: beginSecondFactor });
  const confirm = useMutation({ mutationFn: (code: string) => confirmSecondFactor(code) });
  const remove = useMutation({
    mutationFn: removeSecondFactor,
    onSuccess: () => announceDone({ title: "Second factor removed" }),
  });
  const [code, setCode] = useState("");
  function submit(event: FormEvent) {
    event.preventDefault();
    confirm.mutate(code);
  }
  if (confirm.data) {
    return (
      <div className="flex flex-col gap-3">
        <p role="status">
          From now on your sign-in wants a code. Each of these recovery codes works once instead; they are not
          shown again.
        </p>
        <CodeBlock label="Recovery codes" code={confirm.data.recoveryCodes.join("\n")} />
      </div>
    );
  }
  if (begin.data) {
    return (
      <form onSubmit={submit} className="flex flex-col gap-3">
        <p>Add this secret to your authenticator app, then type the code that it shows.</p>
        <CodeBlock label="Secret" code={begin.data.secret} />
        <CodeBlock label="The same as an address" code={begin.data.uri} />
        <Field id="factor-code" label="Code" hint="Six digits">
          <Input
            id="factor-code"
            inputMode="numeric"
            autoComplete="one-time-code"
            pattern="[0-9]{6}"
            required
            value={code}
            onChange={(event) => setCode(event.target.value)}
            aria-describedby={fieldHintId("factor-code")}
          />
        </Field>
        {confirm.error && <FormProblem error={confirm.error} />}
        <Button type="submit" variant="primary" pending={confirm.isPending} className="self-start">
          Confirm
        </Button>
      </form>
    );
  }
  const error = begin.error ?? remove.error;
  return (
    <div className="flex flex-col gap-3">
      <p className="text-muted">
        A code of an authenticator app, besides the password: a password that was stolen is worth nothing
        then.
      </p>
      {error && <FormProblem error={error} />}
      <div className="flex flex-wrap gap-2">
        <Button pending={begin.isPending} onClick={() => begin.mutate()}>
          Set up a second factor
        </Button>
        <Button pending={remove.isPending} onClick={() => remove.mutate()}>
          Remove it
        </Button>
      </div>
    </div>
  );
}
