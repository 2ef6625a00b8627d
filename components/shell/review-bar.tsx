"use client";

import { ClipboardCheck } from "lucide-react";
import { dayWords } from "#lib/client/period";
import type { ReviewView } from "#lib/contracts/access";
import { PhoneBrand } from "./brand.tsx";
import { TimeModeSwitch } from "./time-mode.tsx";

/** Above every page of somebody who is here to review a period: which one, and nothing that leads out of it. */
export function ReviewBar({ review }: { review: ReviewView }) {
  return (
    <header className="sticky top-0 z-20 flex min-h-12 items-center justify-between gap-3 border-b border-line bg-bg px-4">
      <PhoneBrand />
      <p className="flex min-w-0 items-center gap-2 text-small">
        <ClipboardCheck aria-hidden className="size-4 shrink-0 text-muted" />
        <span>
          Your review: <strong className="font-medium">{dayWords(review)}</strong>{" "}
          <span className="text-muted">(UTC)</span>
        </span>
      </p>
      <span className="hidden md:inline-flex">
        <TimeModeSwitch />
      </span>
    </header>
  );
}
