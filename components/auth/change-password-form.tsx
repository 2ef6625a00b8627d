"use client";

import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { ApiProblem, sendJson, trust } from "#lib/client/api";
import { paths } from "#lib/client/paths";
import type { ChangePasswordBody } from "#lib/contracts/account";
import { Button } from "../ui/button.tsx";
import { Field, fieldHintId, Input } from "../ui/input.tsx";
import { announceDone } from "../ui/toast.tsx";

const MIN_LENGTH = 12;

/** Sets a new password. `first` = a one-time password is in use, and the console opens afterwards. */
export function ChangePasswordForm({ first }: { first: boolean }) {
  const [next, setNext] = useState("");
  const [again, setAgain] = useState("");
  const change = useMutation({
    mutationFn: (body: ChangePasswordBody) => sendJson(paths.api.accountPassword(), body, trust<unknown>()),
    onSuccess: () => {
      if (first) window.location.assign(paths.overview());
      else announceDone({ title: "Password changed", description: "Your other sessions have ended." });
    },
  });
  const problem = change.error instanceof ApiProblem ? change.error : null;
  const wrong = problem?.code === "user/wrong-password" || problem?.code === "auth/locked";
  const differs = again !== "" && again !== next;

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    if (next !== again) return;
    const form = event.currentTarget;
    const currentPassword = String(new FormData(form).get("current") ?? "");
    change.mutate(
      { currentPassword, newPassword: next },
      {
        onSuccess: () => {
          form.reset();
          setNext("");
          setAgain("");
        },
      },
    );
  }

  return (
    <form onSubmit={submit} className="flex max-w-[400px] flex-col gap-3">
      <Field
        id="current"
        label={first ? "One-time password" : "Current password"}
        error={wrong ? problem.detail : null}
      >
        <Input
          id="current"
          name="current"
          type="password"
          autoComplete="current-password"
          required
          maxLength={200}
          aria-invalid={wrong}
          aria-describedby={fieldHintId("current")}
        />
      </Field>
      <Field id="next" label="New password" hint={`At least ${MIN_LENGTH} characters. A few words are good.`}>
        <Input
          id="next"
          type="password"
          autoComplete="new-password"
          required
          minLength={MIN_LENGTH}
          maxLength={200}
          value={next}
          onChange={(event) => setNext(event.target.value)}
          aria-describedby={fieldHintId("next")}
        />
      </Field>
      <Field id="again" label="New password again" error={differs ? "The two do not match." : null}>
        <Input
          id="again"
          type="password"
          autoComplete="new-password"
          required
          maxLength={200}
          value={again}
          onChange={(event) => setAgain(event.target.value)}
          aria-invalid={differs}
          aria-describedby={fieldHintId("again")}
        />
      </Field>
      {change.error && !wrong && (
        <p role="alert" className="text-small text-danger">
          {problem ? problem.detail || problem.title : "Something unexpected happened."}
        </p>
      )}
      <Button
        type="submit"
        variant="primary"
        pending={change.isPending}
        disabled={differs}
        className="self-start"
      >
        Change password
      </Button>
    </form>
  );
}
