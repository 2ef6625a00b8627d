"use client";

import { useQuery } from "@tanstack/react-query";
import { Command } from "cmdk";
import { useRouter } from "next/navigation";
import { type ReactNode, useEffect, useState } from "react";
import { nodeJumpOptions } from "#lib/client/nodes";
import { paths } from "#lib/client/paths";
import { StatusShape } from "../fleet/status-badge.tsx";
import { STATUS_LABELS } from "../fleet/status-words.tsx";
import { HostileText } from "../ui/hostile-text.tsx";
import { setPreferences, useTimeMode } from "../ui/preferences.tsx";
import { NAV_ITEMS } from "./navigation.tsx";
import { Keys } from "./shortcut-help.tsx";
import { useThemeFlip } from "./theme.tsx";

const TYPING_MS = 250;

/** Goes to a page, to a node by name or identity, or changes how things are shown. */
export function CommandPalette({
  open,
  onOpenChange,
}: {
  open: boolean;
  onOpenChange: (open: boolean) => void;
}) {
  const router = useRouter();
  const flipTheme = useThemeFlip();
  const timeMode = useTimeMode();
  const [text, setText] = useState("");
  const words = useSettled(text.trim(), TYPING_MS);
  const nodes = useQuery(nodeJumpOptions(words));

  function close(then: () => void) {
    onOpenChange(false);
    setText("");
    then();
  }
  const go = (href: string) => close(() => router.push(href));

  return (
    <Command.Dialog
      open={open}
      onOpenChange={onOpenChange}
      label="Command palette"
      overlayClassName="fixed inset-0 z-40 bg-[rgb(5_8_12/0.5)]"
      contentClassName="fixed inset-x-3 top-[10vh] z-50 mx-auto max-w-[560px] overflow-hidden rounded-[8px] border border-line-strong bg-bg"
    >
      <Command.Input
        value={text}
        onValueChange={setText}
        placeholder="Go to a page, or a node by name or identity"
        maxLength={200}
        className="h-12 w-full border-b border-line bg-bg px-4 text-data outline-none pointer-coarse:text-[16px]"
      />
      <Command.List className="max-h-[50vh] overflow-y-auto p-1.5 [&_[cmdk-group-heading]]:label [&_[cmdk-group-heading]]:px-2.5 [&_[cmdk-group-heading]]:py-1.5">
        <Command.Empty className="px-2.5 py-6 text-muted">
          {nodes.isFetching ? "Searching…" : "No page, node or action matches."}
        </Command.Empty>
        {words !== "" && nodes.data && nodes.data.items.length > 0 && (
          <Command.Group heading={`Nodes: ${nodes.data.items.length} of ${nodes.data.total}`} forceMount>
            {nodes.data.items.map((node) => (
              <Item key={node.id} value={node.id} forced onSelect={() => go(paths.node(node.id))}>
                <StatusShape status={node.status} />
                <HostileText text={node.displayName} className="flex-1" />
                <span className="text-small text-muted">{STATUS_LABELS[node.status]}</span>
              </Item>
            ))}
          </Command.Group>
        )}
        <Command.Group heading="Go to">
          {NAV_ITEMS.map(({ href, label, icon: Icon, keys }) => (
            <Item key={href} value={`go ${label}`} onSelect={() => go(href)}>
              <Icon aria-hidden className="size-4 text-muted" />
              <span className="flex-1">{label}</span>
              <Keys keys={keys} />
            </Item>
          ))}
          <Item value="go account password" onSelect={() => go(paths.account())}>
            <span className="flex-1">Account</span>
          </Item>
          {words !== "" && (
            <Item value="search-all" forced onSelect={() => go(paths.nodes({ q: words }))}>
              <span className="flex-1 truncate">Search nodes for “{words}”</span>
            </Item>
          )}
        </Command.Group>
        <Command.Group heading="Show">
          <Item value="theme light dark switch" onSelect={() => close(flipTheme)}>
            <span className="flex-1">Switch between light and dark</span>
            <Keys keys="c t" />
          </Item>
          <Item
            value="times utc local zone"
            onSelect={() => close(() => setPreferences({ timeMode: timeMode === "utc" ? "local" : "utc" }))}
          >
            <span className="flex-1">Show times in {timeMode === "utc" ? "local time" : "UTC"}</span>
          </Item>
        </Command.Group>
      </Command.List>
    </Command.Dialog>
  );
}

function Item({
  value,
  forced = false,
  onSelect,
  children,
}: {
  value: string;
  forced?: boolean;
  onSelect: () => void;
  children: ReactNode;
}) {
  return (
    <Command.Item
      value={value}
      forceMount={forced}
      onSelect={onSelect}
      className="flex h-9 cursor-pointer items-center gap-2 rounded-[4px] px-2.5 data-[selected=true]:bg-selected pointer-coarse:h-11"
    >
      {children}
    </Command.Item>
  );
}

/** A value once it has stopped changing for a while. */
function useSettled(value: string, delayMs: number): string {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), delayMs);
    return () => clearTimeout(timer);
  }, [value, delayMs]);
  return settled;
}
