"use client";

import { Check, Copy } from "lucide-react";
import { useEffect, useState } from "react";
import { cn } from "./cn.tsx";

/** Copies a text and says so; where copying is not allowed it says that instead. */
export function CopyButton({
  value,
  label = "Copy",
  className,
}: {
  value: string;
  label?: string;
  className?: string | undefined;
}) {
  const [result, setResult] = useState<"copied" | "failed" | null>(null);
  useEffect(() => {
    if (!result) return;
    const timer = setTimeout(() => setResult(null), 2_000);
    return () => clearTimeout(timer);
  }, [result]);

  async function copy() {
    setResult(
      await navigator.clipboard.writeText(value).then(
        () => "copied" as const,
        () => "failed" as const,
      ),
    );
  }

  return (
    <span className="inline-flex items-center">
      <button
        type="button"
        onClick={copy}
        aria-label={label}
        title={label}
        className={cn(
          "touch inline-flex size-6 shrink-0 items-center justify-center rounded-[3px] text-faint hover:bg-hover hover:text-fg",
          className,
        )}
      >
        {result === "copied" ? (
          <Check aria-hidden className="size-3.5" />
        ) : (
          <Copy aria-hidden className="size-3.5" />
        )}
      </button>
      <span role="status" className="sr-only">
        {result === "copied" && "Copied"}
        {result === "failed" && "The browser does not allow copying"}
      </span>
    </span>
  );
}
