"use client";

import { ChevronDown } from "lucide-react";
import { DropdownMenu as Radix } from "radix-ui";
import { ACTION_WORDS } from "#lib/client/remediation-words";
import { ACTIONS, type RemediationAction } from "#lib/domain/remediation";
import { buttonClass } from "../ui/button.tsx";
import { cn } from "../ui/cn.tsx";

/**
 * What can be asked for. An action that cannot be stays in the list and says why, so that nobody looks for it
 * elsewhere.
 *
 * @param refusal why an action cannot be asked for; `null` = it can
 */
export function ActionMenu({
  label,
  refusal,
  onChoose,
}: {
  label: string;
  refusal: (action: RemediationAction) => string | null;
  onChoose: (action: RemediationAction) => void;
}) {
  return (
    <Radix.Root modal={false}>
      <Radix.Trigger className={buttonClass()}>
        {label}
        <ChevronDown aria-hidden className="size-4" />
      </Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          align="end"
          sideOffset={4}
          collisionPadding={8}
          className="z-40 flex max-h-[70dvh] w-[min(360px,calc(100vw-16px))] flex-col overflow-y-auto rounded-[6px] border border-line-strong bg-bg p-1"
        >
          {ACTIONS.map((action) => {
            const reason = refusal(action);
            return (
              <Radix.Item
                key={action}
                aria-disabled={reason !== null}
                onSelect={(event) => {
                  if (reason === null) onChoose(action);
                  else event.preventDefault();
                }}
                className={cn(
                  "flex min-h-9 flex-col justify-center rounded-[4px] px-2.5 py-1 text-data outline-none data-[highlighted]:bg-selected pointer-coarse:min-h-11",
                  reason === null ? "cursor-pointer" : "cursor-not-allowed text-muted",
                )}
              >
                {ACTION_WORDS[action].label}…
                {reason !== null && <span className="text-small break-words">{reason}</span>}
              </Radix.Item>
            );
          })}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
