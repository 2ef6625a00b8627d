"use client";

import { dayWords } from "#lib/client/period";
import { useAccount } from "../shell/account-context.tsx";
import { SingleKeySwitch } from "../shell/shortcut-help.tsx";
import { ThemeSwitch } from "../shell/theme.tsx";
import { TimeModeSwitch } from "../shell/time-mode.tsx";
import { Card } from "../ui/card.tsx";
import { PageHeader } from "../ui/page-header.tsx";
import { ChangePasswordForm } from "./change-password-form.tsx";
import { OwnSessions } from "./own-sessions.tsx";
import { SecondFactor } from "./second-factor.tsx";
import { SignOutButton } from "./sign-out-button.tsx";

/** One's own account: who one is, the password, and how things are shown in this browser. */
export function AccountPage() {
  const { email, role, mustChangePassword, review } = useAccount();
  if (mustChangePassword) {
    return (
      <>
        <PageHeader title="Choose your password" />
        <p className="mb-4 max-w-[60ch] text-muted">
          You signed in as {email} with a one-time password. Touchstone opens once you have replaced it.
        </p>
        <ChangePasswordForm first />
      </>
    );
  }
  return (
    <>
      <PageHeader
        title="Account"
        meta={`${email} · ${role}${review ? `, reviews ${dayWords(review)}` : ""}`}
        actions={<SignOutButton />}
      />
      <div className="grid grid-cols-1 gap-3 lg:grid-cols-2">
        <Card title="Password">
          <ChangePasswordForm first={false} />
        </Card>
        <Card title="Second factor">
          <SecondFactor />
        </Card>
        <Card title="Where you are signed in">
          <OwnSessions />
        </Card>
        <Card title="In this browser">
          <div className="flex max-w-[400px] flex-col gap-3">
            <div className="flex items-center justify-between">
              <span>Theme</span>
              <ThemeSwitch />
            </div>
            <div className="flex items-center justify-between">
              <span>Times in</span>
              <TimeModeSwitch />
            </div>
            <SingleKeySwitch />
          </div>
        </Card>
      </div>
    </>
  );
}
