"use client";

import { useQuery } from "@tanstack/react-query";
import { Command } from "cmdk";
import { useRouter } from "next/navigation";
import { Dialog as Radix } from "radix-ui";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { nodeJumpOptions } from "#lib/client/nodes";
import { paths } from "#lib/client/paths";
import { withTime } from "#lib/client/time-travel";
import { StatusShape } from "../fleet/status-badge.tsx";
import { STATUS_LABELS } from "../fleet/status-words.tsx";
import { HostileText } from "../ui/hostile-text.tsx";
import { setPreferences, useTimeMode } from "../ui/preferences.tsx";
import { useSettled } from "../ui/settled.ts";
import { useNavItems } from "./navigation.tsx";
import { Keys } from "./shortcut-help.tsx";
import { useThemeFlip } from "./theme.tsx";
import { useTimeTravel } from "./time-travel.tsx";

const TYPING_MS = 250;

type Action = { label: string; keys?: string; run: () => void };

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
  const { time } = useTimeTravel();
  const timeMode = useTimeMode();
  const [text, setText] = useState("");
  const words = useSettled(text.trim(), TYPING_MS);
  const nodes = useQuery(nodeJumpOptions(words, time));

  const opener = useRef<Element | null>(null);

  /** The library knows only openers that it made itself. On a new page the heading gets the focus instead. */
  function focusOpener(event: Event) {
    event.preventDefault();
    if (opener.current instanceof HTMLElement) opener.current.focus({ preventScroll: true });
  }

  function close(then: () => void) {
    onOpenChange(false);
    setText("");
    then();
  }
  const go = (href: string) => {
    opener.current = null;
    close(() => router.push(withTime(href, time)));
  };

  const pages = useNavItems();
  const actions: Action[] = [
    ...pages.map(({ href, label, keys }) => ({ label: `Go to ${label}`, keys, run: () => go(href) })),
    { label: "Go to Account", run: () => go(paths.account()) },
    { label: "Switch between light and dark", keys: "c t", run: () => close(flipTheme) },
    {
      label: timeMode === "utc" ? "Show times in local time" : "Show times in UTC",
      run: () => close(() => setPreferences({ timeMode: timeMode === "utc" ? "local" : "utc" })),
    },
  ];
  const wanted = text.trim().toLowerCase();
  const shown = actions.filter(({ label }) => label.toLowerCase().includes(wanted));
  const found = nodes.data?.items ?? [];

  // Results come after the choice has settled on something below them; the best one is then meant.
  const best = found[0]?.id;
  const [chosen, setChosen] = useState("");
  useEffect(() => {
    if (best && words !== "") setChosen(best);
  }, [best, words]);

  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-40 bg-[rgb(5_8_12/0.5)]" />
        <Radix.Content
          aria-describedby={undefined}
          onOpenAutoFocus={() => {
            opener.current = document.activeElement;
          }}
          onCloseAutoFocus={focusOpener}
          className="fixed inset-x-3 top-[10vh] z-50 mx-auto max-w-[560px] overflow-hidden rounded-[8px] border border-line-strong bg-bg"
        >
          <Radix.Title className="sr-only">Command palette</Radix.Title>
          <Command label="Command palette" shouldFilter={false} value={chosen} onValueChange={setChosen}>
            <Command.Input
              value={text}
              onValueChange={setText}
              placeholder="Go to a page, or a node by name or identity"
              maxLength={200}
              className="h-12 w-full border-b border-line bg-bg px-4 text-data outline-none pointer-coarse:text-[16px]"
            />
            <Command.List className="max-h-[50vh] overflow-y-auto p-1.5 [&_[cmdk-group-heading]]:label [&_[cmdk-group-heading]]:px-2.5 [&_[cmdk-group-heading]]:py-1.5">
              {words !== "" && found.length > 0 && (
                <Command.Group heading={`Nodes: ${found.length} of ${nodes.data?.total}`}>
                  {found.map((node) => (
                    <Item key={node.id} value={node.id} onSelect={() => go(paths.node(node.id))}>
                      <StatusShape status={node.status} />
                      <HostileText text={node.displayName} className="flex-1" />
                      <span className="text-small text-muted">{STATUS_LABELS[node.status]}</span>
                    </Item>
                  ))}
                </Command.Group>
              )}
              {shown.length > 0 && (
                <Command.Group heading="Actions">
                  {shown.map(({ label, keys, run }) => (
                    <Item key={label} value={label} onSelect={run}>
                      <span className="flex-1">{label}</span>
                      {keys && <Keys keys={keys} />}
                    </Item>
                  ))}
                </Command.Group>
              )}
              {words !== "" && (
                <Command.Group heading="Search">
                  <Item value="search" onSelect={() => go(paths.nodes({ q: words }))}>
                    <span className="flex-1 truncate">
                      {nodes.isFetching ? "Searching nodes for" : "Show all nodes that match"} “{words}”
                    </span>
                  </Item>
                </Command.Group>
              )}
            </Command.List>
          </Command>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

function Item({ value, onSelect, children }: { value: string; onSelect: () => void; children: ReactNode }) {
  return (
    <Command.Item
      value={value}
      onSelect={onSelect}
      className="flex h-9 cursor-pointer items-center gap-2 rounded-[4px] px-2.5 data-[selected=true]:bg-selected pointer-coarse:h-11"
    >
      {children}
    </Command.Item>
  );
}
