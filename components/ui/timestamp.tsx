"use client";

import { HoverCard } from "radix-ui";
import { DAY_MS, formatAge, formatInstant } from "#lib/client/format";
import { useNow } from "./clock.tsx";
import { cn } from "./cn.tsx";
import { CopyButton } from "./copy-button.tsx";
import { useTimeMode } from "./preferences.tsx";

/**
 * An instant: relative while it is younger than a day, absolute afterwards. Hovering or focusing shows it
 * relative, local, in UTC and as epoch milliseconds, each to copy. `absolute` is for evidence and audit.
 */
export function Timestamp({
  iso,
  absolute = false,
  className,
}: {
  iso: string;
  absolute?: boolean;
  className?: string | undefined;
}) {
  const now = useNow();
  const mode = useTimeMode();
  const age = now - Date.parse(iso);
  const relative = age < 0 ? "in the future" : `${formatAge(iso, now)} ago`;
  const exact = formatInstant(iso, { mode });
  const asAge = !absolute && age >= 0 && age < DAY_MS;

  return (
    <HoverCard.Root openDelay={250} closeDelay={100}>
      <HoverCard.Trigger asChild>
        <time
          dateTime={iso}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: the card with the exact instant opens on focus too
          tabIndex={0}
          className={cn("whitespace-nowrap tabular-nums", className)}
        >
          {asAge ? relative : <InstantText text={exact} />}
        </time>
      </HoverCard.Trigger>
      <HoverCard.Portal>
        <HoverCard.Content
          sideOffset={6}
          collisionPadding={8}
          className="z-50 rounded-[6px] border border-line-strong bg-bg p-1.5 text-small"
        >
          <dl>
            <Row name="Relative" value={relative} />
            <Row name="Local" value={formatInstant(iso, { mode: "local" })} />
            <Row name="UTC" value={new Date(iso).toISOString()} />
            <Row name="Epoch ms" value={String(Date.parse(iso))} />
          </dl>
        </HoverCard.Content>
      </HoverCard.Portal>
    </HoverCard.Root>
  );
}

/** The date bright, the time dim: rows of one day read quickly. */
function InstantText({ text }: { text: string }) {
  const [date, time] = text.split(" ");
  return (
    <>
      {date} <span className="text-muted">{time}</span>
    </>
  );
}

function Row({ name, value }: { name: string; value: string }) {
  return (
    <div className="flex items-center gap-3 px-1">
      <dt className="label w-20">{name}</dt>
      <dd className="flex-1 font-mono">{value}</dd>
      <dd>
        <CopyButton value={value} label={`Copy ${name}`} />
      </dd>
    </div>
  );
}
