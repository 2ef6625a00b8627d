"use client";

import { type ChangeEvent, type DragEvent, useState } from "react";
import { formatBytes } from "#lib/client/format";
import { cn } from "./cn.tsx";
import { HostileText } from "./hostile-text.tsx";

/** One file, dropped or chosen; nothing of it is read here. */
export function FileDrop({
  label,
  prompt,
  accept,
  file,
  onChoose,
}: {
  /** What the file is, to screen readers. */
  label: string;
  prompt: string;
  accept: string;
  file: File | null;
  onChoose: (file: File | null) => void;
}) {
  const [over, setOver] = useState(false);
  const choose = (event: ChangeEvent<HTMLInputElement>) => {
    onChoose(event.target.files?.[0] ?? null);
    // Otherwise nothing would be said when the same file is chosen again after it was changed.
    event.target.value = "";
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    onChoose(event.dataTransfer.files[0] ?? null);
  };
  return (
    <label
      className={cn(
        "touch flex cursor-pointer flex-col gap-2 rounded-[6px] border border-dashed p-4 has-focus-visible:outline-2 has-focus-visible:outline-accent",
        over ? "border-accent bg-selected" : "border-line-strong",
      )}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <span className="text-data font-medium">{prompt}</span>
      <input type="file" accept={accept} aria-label={label} className="sr-only" onChange={choose} />
      <span className="text-small text-muted">
        {file ? (
          <>
            <HostileText text={file.name} />, {formatBytes(file.size)}
          </>
        ) : (
          "Nothing chosen yet"
        )}
      </span>
    </label>
  );
}
