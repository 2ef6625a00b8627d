"use client";

import { Popover } from "radix-ui";
import { useEffect, useRef, useState } from "react";
import { formatInstant } from "#lib/client/format";
import { CopyButton } from "./copy-button.tsx";

const OPEN_MS = 250;
const CLOSE_MS = 150;

/** The card of a timestamp. Mounted while its anchor is hovered or focused; calls `onClose` when that ends. */
export function TimestampCard({
  anchor,
  iso,
  relative,
  onClose,
}: {
  anchor: HTMLElement;
  iso: string;
  relative: string;
  onClose: () => void;
}) {
  const [open, setOpen] = useState(false);
  const card = useRef<HTMLDivElement>(null);
  const close = useRef(onClose);
  useEffect(() => {
    close.current = onClose;
  });

  useEffect(() => {
    let timer = setTimeout(() => setOpen(true), OPEN_MS);
    const isInside = (node: EventTarget | null) =>
      node instanceof Node && (anchor.contains(node) || (card.current?.contains(node) ?? false));
    function leave(event: PointerEvent | FocusEvent) {
      if (!isInside(event.target)) return;
      clearTimeout(timer);
      if (!isInside(event.relatedTarget)) timer = setTimeout(() => close.current(), CLOSE_MS);
    }
    function enter(event: PointerEvent | FocusEvent) {
      if (isInside(event.target)) clearTimeout(timer);
      if (isInside(event.target)) timer = setTimeout(() => setOpen(true), OPEN_MS);
    }
    document.addEventListener("pointerout", leave);
    document.addEventListener("focusout", leave);
    document.addEventListener("pointerover", enter);
    document.addEventListener("focusin", enter);
    return () => {
      clearTimeout(timer);
      document.removeEventListener("pointerout", leave);
      document.removeEventListener("focusout", leave);
      document.removeEventListener("pointerover", enter);
      document.removeEventListener("focusin", enter);
    };
  }, [anchor]);

  return (
    <Popover.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Popover.Anchor virtualRef={{ current: anchor }} />
      <Popover.Portal>
        <Popover.Content
          ref={card}
          sideOffset={6}
          collisionPadding={8}
          onOpenAutoFocus={(event) => event.preventDefault()}
          onCloseAutoFocus={(event) => event.preventDefault()}
          data-passive
          aria-label="The instant in other forms"
          className="z-50 rounded-[6px] border border-line-strong bg-bg p-1.5 text-small"
        >
          <dl>
            <Row name="Relative" value={relative} />
            <Row name="Local" value={formatInstant(iso, { mode: "local" })} />
            <Row name="UTC" value={new Date(iso).toISOString()} />
            <Row name="Epoch ms" value={String(Date.parse(iso))} />
          </dl>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
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
