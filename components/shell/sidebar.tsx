"use client";

import Link from "next/link";
import { paths } from "#lib/client/paths";
import { SignOutButton } from "../auth/sign-out-button.tsx";
import { useAccount } from "./account-context.tsx";
import { Brand } from "./brand.tsx";
import { SidebarNavigation } from "./navigation.tsx";
import { ThemeSwitch } from "./theme.tsx";

/** Left column: the product, its pages, and the person with the theme and the way out. */
export function Sidebar() {
  const { email, role } = useAccount();
  return (
    <aside className="sticky top-0 hidden h-dvh w-[208px] shrink-0 flex-col border-r border-line bg-sunken md:flex">
      <div className="flex h-12 items-center px-4">
        <Link href={paths.overview()} aria-label="Touchstone: overview">
          <Brand />
        </Link>
      </div>
      <div className="min-h-0 flex-1 overflow-y-auto px-2 py-3">
        <SidebarNavigation />
      </div>
      <div className="flex flex-col gap-2 border-t border-line p-3">
        <Link href={paths.account()} className="min-w-0 rounded-[4px] px-1 hover:bg-hover">
          <span className="block truncate text-small text-fg">{email}</span>
          <span className="label block">{role}</span>
        </Link>
        <div className="flex items-center justify-between">
          <ThemeSwitch />
          <SignOutButton compact />
        </div>
      </div>
    </aside>
  );
}
