"use client";

import { CircleUser, Menu } from "lucide-react";
import Link from "next/link";
import { useState } from "react";
import { paths } from "#lib/client/paths";
import { SignOutButton } from "../auth/sign-out-button.tsx";
import { buttonClass } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { useAccount } from "./account-context.tsx";
import { BottomLinks, MoreLinks } from "./navigation.tsx";
import { ThemeSwitch } from "./theme.tsx";
import { TimeModeSwitch } from "./time-mode.tsx";

/** Navigation at the thumb: the pages, and everything else under More. */
export function PhoneBar() {
  const { email, role } = useAccount();
  const [open, setOpen] = useState(false);
  return (
    <>
      <nav
        aria-label="Main"
        className="fixed inset-x-0 bottom-0 z-30 flex border-t border-line bg-bg pb-[env(safe-area-inset-bottom)] md:hidden"
      >
        <BottomLinks />
        <button
          type="button"
          onClick={() => setOpen(true)}
          className="flex h-14 flex-1 flex-col items-center justify-center gap-0.5 text-label text-muted"
        >
          <Menu aria-hidden className="size-5" />
          More
        </button>
      </nav>
      <Dialog open={open} onOpenChange={setOpen} title={email} description={`Signed in as ${role}`}>
        <div className="flex flex-col items-start gap-4">
          <MoreLinks onGo={() => setOpen(false)} />
          <div className="flex w-full items-center justify-between">
            <span>Theme</span>
            <ThemeSwitch />
          </div>
          <div className="flex w-full items-center justify-between">
            <span>Times in</span>
            <TimeModeSwitch />
          </div>
          <div className="flex gap-2">
            <Link href={paths.account()} onClick={() => setOpen(false)} className={buttonClass()}>
              <CircleUser aria-hidden className="size-4" />
              Account
            </Link>
            <SignOutButton />
          </div>
        </div>
      </Dialog>
    </>
  );
}
