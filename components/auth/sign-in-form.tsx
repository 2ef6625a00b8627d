"use client";

import { type FormEvent, useEffect, useRef, useState } from "react";
import { safeCallbackPath } from "#lib/client/paths";
import { Button } from "../ui/button.tsx";
import { Field, fieldHintId, Input } from "../ui/input.tsx";

const WRONG =
  "The e-mail or the password is not right. After ten wrong attempts in a row an account takes none for 15 minutes.";
const UNAVAILABLE = "Touchstone could not check the password right now. Try again in a moment.";
const CODE_WANTED = "auth/code-required";
/** What the sign-in library passes on of that refusal. */
const CODE_MESSAGE = "A code is wanted.";
const WRONG_CODE = "The code is not right, or it was used already. Wait for the next one.";
const UNREACHABLE = "Touchstone did not answer. Check the connection and try again.";

/** Sign-in with a local account. A refusal never says whether the account exists or is locked. */
export function SignInForm({
  callbackUrl,
  single,
  refused,
}: {
  callbackUrl: string;
  /** Whether an identity provider is configured. */
  single: boolean;
  /** Why the last attempt with the identity provider was refused. */
  refused: string | null;
}) {
  const [problem, setProblem] = useState<string | null>(refused);
  const [wantsCode, setWantsCode] = useState(false);
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
    const text = (name: string) => String(form.get(name) ?? "");
    const refusal = await attempt(text("email"), text("password"), text("code").trim());
    if (refusal === null) {
      // A whole page load: nothing of a former session stays in memory.
      window.location.assign(safeCallbackPath(callbackUrl));
      return;
    }
    setPending(false);
    if (refusal === CODE_WANTED) {
      setProblem(wantsCode ? WRONG_CODE : null);
      setWantsCode(true);
      return;
    }
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
      {wantsCode && (
        <Field id="code" label="Code" hint="Six digits of your authenticator, or a recovery code.">
          <Input
            id="code"
            name="code"
            autoComplete="one-time-code"
            required
            maxLength={40}
            autoFocus
            aria-describedby={fieldHintId("code")}
          />
        </Field>
      )}
      <Button type="submit" variant="primary" pending={pending} className="mt-1 w-full">
        {pending ? "Signing in…" : "Sign in"}
      </Button>
      {single && (
        <Button className="w-full" onClick={() => void withProvider(callbackUrl)}>
          Single sign-on
        </Button>
      )}
    </form>
  );
}

/** Tries to sign in; `null` = it worked, else the sentence to show. */
async function attempt(email: string, password: string, code: string): Promise<string | null> {
  try {
    const { signIn } = await import("next-auth/react");
    const result = await signIn("credentials", { email, password, code, redirect: false });
    if (result?.ok && !result.error) return null;
    if (result?.error === CODE_MESSAGE) return CODE_WANTED;
    return result?.error === "CredentialsSignin" ? WRONG : UNAVAILABLE;
  } catch {
    return UNREACHABLE;
  }
}

async function withProvider(callbackUrl: string): Promise<void> {
  const { signIn } = await import("next-auth/react");
  await signIn("oidc", { callbackUrl: safeCallbackPath(callbackUrl) });
}
