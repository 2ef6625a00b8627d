"use client";

import {
  Bell,
  BookOpen,
  ClipboardCheck,
  ClipboardList,
  GitCompareArrows,
  Layers,
  LayoutDashboard,
  ListChecks,
  type LucideIcon,
  Milestone,
  RadioTower,
  Scale,
  ScrollText,
  Server,
  Settings,
  ShieldBan,
  Siren,
} from "lucide-react";
import { useLinkStatus } from "next/link";
import { usePathname } from "next/navigation";
import type { ReactNode } from "react";
import { paths } from "#lib/client/paths";
import type { Permission } from "#lib/domain/access";
import { SETTINGS_PAGES } from "../settings/settings-tabs.tsx";
import { cn } from "../ui/cn.tsx";
import { useAccount } from "./account-context.tsx";
import { TimeLink } from "./time-travel.tsx";
import { WaitingChanges } from "./waiting-changes.tsx";
import { WaitingRemediations, WaitingWork } from "./waiting-work.tsx";

export type NavPage = { href: string; permission: Permission };
type NavItem = {
  href: string;
  label: string;
  icon: LucideIcon;
  keys: string;
  /** Current on every path below it; absent = below `href`. */
  under?: string;
  /** Absent where each of `pages` has its own. */
  permission?: Permission;
  /** Where one link stands for several pages: it leads to the first that the person may open. */
  pages?: readonly NavPage[];
  /** Under More on a phone: its bar has room for five. */
  underMore?: true;
  /** Says beside the link how much waits there. */
  badge?: () => ReactNode;
};
type NavGroup = { label: string; items: readonly NavItem[] };

/** What is in the product today; a page appears here when it works. */
const NAV_GROUPS: readonly NavGroup[] = [
  {
    label: "Operate",
    items: [
      {
        href: paths.overview(),
        label: "Overview",
        icon: LayoutDashboard,
        keys: "g o",
        permission: "fleet:read",
      },
      { href: paths.nodes(), label: "Nodes", icon: Server, keys: "g n", permission: "fleet:read" },
      {
        href: paths.myWork(),
        label: "My work",
        icon: ClipboardList,
        keys: "g m",
        permission: "remediation:read",
        badge: WaitingWork,
      },
      {
        href: paths.drift(),
        label: "Drift",
        icon: GitCompareArrows,
        keys: "g d",
        permission: "drift:read",
        underMore: true,
      },
      {
        href: paths.incidents(),
        label: "Incidents",
        icon: Siren,
        keys: "g i",
        permission: "fleet:read",
        underMore: true,
      },
      {
        href: paths.onboarding(),
        label: "Onboarding",
        icon: Milestone,
        keys: "g b",
        permission: "fleet:read",
      },
      {
        href: paths.remediations(),
        label: "Remediations",
        icon: ShieldBan,
        keys: "g r",
        permission: "remediation:read",
        underMore: true,
        badge: WaitingRemediations,
      },
      {
        href: paths.changes(),
        label: "Changes",
        icon: ListChecks,
        keys: "g c",
        permission: "change:read",
        underMore: true,
        badge: WaitingChanges,
      },
      {
        href: paths.notifications(),
        label: "Notifications",
        icon: Bell,
        keys: "g t",
        permission: "notify:read",
        underMore: true,
      },
    ],
  },
  {
    label: "Govern",
    items: [
      {
        href: paths.baselines(),
        label: "Baselines",
        icon: Layers,
        keys: "g l",
        permission: "baseline:read",
        underMore: true,
      },
      {
        href: paths.policies(),
        label: "Policies",
        icon: Scale,
        keys: "g p",
        permission: "policy:read",
        underMore: true,
      },
      {
        href: paths.compliance(),
        label: "Compliance",
        icon: ClipboardCheck,
        keys: "g f",
        permission: "compliance:read",
        underMore: true,
      },
      { href: paths.sources(), label: "Sources", icon: RadioTower, keys: "g s", permission: "source:read" },
      {
        href: paths.runbooks(),
        label: "Runbooks",
        icon: BookOpen,
        keys: "g k",
        permission: "fleet:read",
        underMore: true,
      },
      {
        href: paths.audit(),
        label: "Audit log",
        icon: ScrollText,
        keys: "g a",
        permission: "audit:read",
        underMore: true,
      },
      {
        href: paths.settings(),
        under: "/settings",
        label: "Settings",
        icon: Settings,
        keys: "g e",
        pages: SETTINGS_PAGES,
        underMore: true,
      },
    ],
  },
];

function useNavGroups(): readonly NavGroup[] {
  const { permissions } = useAccount();
  const groups = NAV_GROUPS.map(({ label, items }) => ({
    label,
    items: items.flatMap((item) => {
      if (item.permission !== undefined && !permissions.includes(item.permission)) return [];
      if (!item.pages) return [item];
      const first = item.pages.find(({ permission }) => permissions.includes(permission));
      return first ? [{ ...item, href: first.href }] : [];
    }),
  }));
  return groups.filter(({ items }) => items.length > 0);
}

/** Pages that a phone's bar has room for. */
const BAR_ROOM = 4;

/** What stands in a phone's bar, and what behind More; few pages all stand in the bar. */
function usePhoneItems(): { bar: readonly NavItem[]; more: readonly NavItem[] } {
  const items = useNavItems();
  if (items.length <= BAR_ROOM) return { bar: items, more: [] };
  return {
    bar: items.filter(({ underMore }) => !underMore),
    more: items.filter(({ underMore }) => underMore),
  };
}

/** The pages that the signed-in person may open, wherever they are offered. */
export function useNavItems(): readonly NavItem[] {
  return useNavGroups().flatMap(({ items }) => items);
}

function isHere(pathname: string, href: string): boolean {
  return href === "/" ? pathname === "/" : pathname === href || pathname.startsWith(`${href}/`);
}

/** The groups of pages, for the sidebar. */
export function SidebarNavigation() {
  const pathname = usePathname();
  const groups = useNavGroups();
  return (
    <nav aria-label="Main" className="flex flex-col gap-4">
      {groups.map(({ label, items }) => (
        <div key={label}>
          <p className="label px-2 pb-1">{label}</p>
          <ul className="flex flex-col gap-0.5">
            {items.map(({ href, under = href, label: text, icon: Icon, badge: Badge }) => (
              <li key={href}>
                <TimeLink
                  href={href}
                  aria-current={isHere(pathname, under) ? "page" : undefined}
                  className={cn(
                    "flex h-8 items-center gap-2 rounded-[4px] px-2 text-data",
                    isHere(pathname, under)
                      ? "bg-selected font-medium text-fg"
                      : "text-muted hover:bg-hover hover:text-fg",
                  )}
                >
                  <Icon aria-hidden className="size-4" />
                  {text}
                  {Badge && <Badge />}
                  <LinkPending />
                </TimeLink>
              </li>
            ))}
          </ul>
        </div>
      ))}
    </nav>
  );
}

/** Shows at the link that its page is on the way. */
function LinkPending() {
  const { pending } = useLinkStatus();
  return pending && <span aria-hidden className="ml-auto size-1.5 animate-skeleton rounded-full bg-accent" />;
}

/** The same pages as links of the phone's bottom bar. */
export function BottomLinks() {
  const pathname = usePathname();
  const { bar } = usePhoneItems();
  return bar.map(({ href, under = href, label, icon: Icon, badge: Badge }) => (
    <TimeLink
      key={href}
      href={href}
      aria-current={isHere(pathname, under) ? "page" : undefined}
      className={cn(
        "flex h-14 flex-1 flex-col items-center justify-center gap-0.5 text-label",
        isHere(pathname, under) ? "font-semibold text-accent" : "text-muted",
      )}
    >
      <span className="relative">
        <Icon aria-hidden className="size-5" />
        {Badge && (
          <span className="absolute -top-1.5 left-3.5 leading-none whitespace-nowrap">
            <Badge />
          </span>
        )}
      </span>
      <span className="whitespace-nowrap">{label}</span>
    </TimeLink>
  ));
}

/** The pages that the phone's bar has no room for. @param onGo called when one is chosen */
export function MoreLinks({ onGo }: { onGo: () => void }) {
  const { more } = usePhoneItems();
  return more.map(({ href, label, icon: Icon, badge: Badge }) => (
    <TimeLink
      key={href}
      href={href}
      onClick={onGo}
      className="touch flex w-full items-center gap-2 hover:underline"
    >
      <Icon aria-hidden className="size-4" />
      {label}
      {Badge && <Badge />}
    </TimeLink>
  ));
}
