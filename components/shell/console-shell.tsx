"use client";

import { useRouter } from "next/navigation";
import type { ReactNode } from "react";
import { withTime } from "#lib/client/time-travel";
import type { AccountView } from "#lib/contracts/account";
import { SignOutButton } from "../auth/sign-out-button.tsx";
import { StepUpDialog } from "../auth/step-up.tsx";
import { BreakerBanner } from "../incidents/breaker-banner.tsx";
import { RemediationBanners } from "../remediation/remediation-banners.tsx";
import { AccountProvider } from "./account-context.tsx";
import { Brand } from "./brand.tsx";
import { LiveProvider } from "./live.tsx";
import { useNavItems } from "./navigation.tsx";
import { PhoneBar } from "./phone-bar.tsx";
import { ReviewBar } from "./review-bar.tsx";
import { RouteFocus } from "./route-focus.tsx";
import { ScopeKeeper } from "./scope.tsx";
import { ShortcutHelp } from "./shortcut-help.tsx";
import { ShortcutProvider, useShortcuts } from "./shortcuts.tsx";
import { Sidebar } from "./sidebar.tsx";
import { useThemeFlip } from "./theme.tsx";
import { TimeTravelBanner, useTimeTravel } from "./time-travel.tsx";
import { Toasts } from "./toasts.tsx";
import { TopBar } from "./top-bar.tsx";

/** The frame of every page behind the sign-in. */
export function ConsoleShell({ account, children }: { account: AccountView; children: ReactNode }) {
  if (account.mustChangePassword) return <FirstSignIn account={account}>{children}</FirstSignIn>;
  return (
    <AccountProvider account={account}>
      <ShortcutProvider>
        {account.review ? (
          <Frame above={<ReviewBar review={account.review} />}>{children}</Frame>
        ) : (
          <LiveProvider>
            <Frame above={<LiveBars />}>{children}</Frame>
          </LiveProvider>
        )}
      </ShortcutProvider>
    </AccountProvider>
  );
}

/** What stands above the pages of a fleet that changes. */
function LiveBars() {
  return (
    <>
      <TopBar />
      <TimeTravelBanner />
      <BreakerBanner />
      <RemediationBanners />
    </>
  );
}

/** @param above what stands above every page */
function Frame({ above, children }: { above: ReactNode; children: ReactNode }) {
  return (
    <>
      <a
        href="#content"
        className="sr-only focus:not-sr-only focus:fixed focus:top-2 focus:left-2 focus:z-50 focus:rounded-[4px] focus:bg-bg focus:px-3 focus:py-2"
      >
        Skip to content
      </a>
      <div className="flex min-h-dvh">
        <Sidebar />
        <div className="flex min-w-0 flex-1 flex-col">
          {above}
          <main id="content" className="min-w-0 flex-1 px-4 pb-24 md:pb-8">
            {children}
          </main>
        </div>
      </div>
      <PhoneBar />
      <GlobalShortcuts />
      <ShortcutHelp />
      <RouteFocus />
      <ScopeKeeper />
      <StepUpDialog />
      <Toasts />
    </>
  );
}

/** Before the one-time password is changed nothing else answers, so nothing else is offered. */
function FirstSignIn({ account, children }: { account: AccountView; children: ReactNode }) {
  return (
    <AccountProvider account={account}>
      <header className="flex h-12 items-center justify-between border-b border-line px-4">
        <Brand />
        <SignOutButton />
      </header>
      <main id="content" className="mx-auto w-full max-w-[640px] px-4 py-6">
        {children}
      </main>
    </AccountProvider>
  );
}

function GlobalShortcuts() {
  const router = useRouter();
  const flipTheme = useThemeFlip();
  const { time } = useTimeTravel();
  const items = useNavItems();
  useShortcuts([
    ...items.map(({ keys, label, href }) => ({
      keys,
      label: `Go to ${label}`,
      group: "Anywhere" as const,
      run: () => router.push(withTime(href, time)),
    })),
    { keys: "c t", label: "Switch between light and dark", group: "Anywhere", run: flipTheme },
  ]);
  return null;
}
