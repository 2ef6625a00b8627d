"use client";

import { type FormEvent, useEffect, useRef, useState } from "react";
import { safeCallbackPath } from "#lib/client/paths";
import { Button } from "../ui/button.tsx";
import { Field, Input } from "../ui/input.tsx";

const WRONG =
  "The e-mail or the password is not right. After ten wrong attempts in a row an account takes none for 15 minutes.";
const UNAVAILABLE = "Touchstone could not check the password right now. Try again in a moment.";
const UNREACHABLE = "Touchstone did not answer. Check the connection and try again.";

/** Sign-in with a local account. A refusal never says whether the account exists or is locked. */
export function SignInForm({ callbackUrl }: { callbackUrl: string }) {
  const [problem, setProblem] = useState<string | null>(null);
  const [pending, setPending] = useState(false);
  const password = useRef<HTMLInputElement>(null);
  const message = useRef<HTMLParagraphElement>(null);

  useEffect(() => {
    if (problem) message.current?.focus();
  }, [problem]);

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setPending(true);
    setProblem(null);
    const refusal = await attempt(String(form.get("email") ?? ""), String(form.get("password") ?? ""));
    if (refusal === null) {
      // A whole page load: nothing of a former session stays in memory.
      window.location.assign(safeCallbackPath(callbackUrl));
      return;
    }
    setPending(false);
    setProblem(refusal);
    if (password.current) password.current.value = "";
  }

  return (
    <form onSubmit={submit} method="post" className="flex flex-col gap-3">
      {problem && (
        <p
          ref={message}
          role="alert"
          tabIndex={-1}
          className="rounded-[4px] border border-danger px-3 py-2 text-data text-danger"
        >
          {problem}
        </p>
      )}
      <Field id="email" label="E-mail">
        <Input
          id="email"
          name="email"
          type="email"
          autoComplete="username"
          required
          maxLength={254}
          autoFocus
        />
      </Field>
      <Field id="password" label="Password">
        <Input
          id="password"
          name="password"
          type="password"
          autoComplete="current-password"
          required
          maxLength={200}
          ref={password}
        />
      </Field>
      <Button type="submit" variant="primary" pending={pending} className="mt-1 w-full">
        {pending ? "Signing in…" : "Sign in"}
      </Button>
    </form>
  );
}

/** Tries to sign in; `null` = it worked, else the sentence to show. */
async function attempt(email: string, password: string): Promise<string | null> {
  try {
    const { signIn } = await import("next-auth/react");
    const result = await signIn("credentials", { email, password, redirect: false });
    if (result?.ok && !result.error) return null;
    return result?.error === "CredentialsSignin" ? WRONG : UNAVAILABLE;
  } catch {
    return UNREACHABLE;
  }
}
