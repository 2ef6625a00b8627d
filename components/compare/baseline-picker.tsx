"use client";

import { useQuery } from "@tanstack/react-query";
import { useId, useState } from "react";
import { Button } from "#components/ui/button";
import { ErrorPanel } from "#components/ui/error-panel";
import { HostileText } from "#components/ui/hostile-text";
import { Input } from "#components/ui/input";
import { baselineListOptions } from "#lib/client/baselines";
import { formatPlural } from "#lib/client/format";

/** More would be a wall of buttons; the field narrows them. */
const SHOWN = 12;

/** Finds a baseline by its name; only those that hold for somebody can be compared with. */
export function BaselinePicker({ onChoose }: { onChoose: (baselineId: string) => void }) {
  const id = useId();
  const [text, setText] = useState("");
  const { data, error, refetch } = useQuery(baselineListOptions());
  const wanted = text.trim().toLowerCase();
  const items = (data?.items ?? []).filter(
    ({ active, name }) => active.length > 0 && name.toLowerCase().includes(wanted),
  );
  return (
    <div className="flex flex-col gap-2 border-t border-line bg-sunken px-3 py-2">
      <label htmlFor={id} className="text-small font-medium">
        Baseline to compare with, by name
      </label>
      <Input
        id={id}
        type="search"
        value={text}
        maxLength={120}
        onChange={(event) => setText(event.target.value)}
        className="max-w-[360px]"
      />
      {error && (
        <ErrorPanel
          compact
          title="The baselines could not be loaded"
          error={error}
          onRetry={() => void refetch()}
        />
      )}
      <ul aria-label="Baselines found" className="flex flex-wrap gap-2">
        {items.slice(0, SHOWN).map((item) => (
          <li key={item.id} className="min-w-0">
            <Button size="sm" onClick={() => onChoose(item.id)}>
              <HostileText text={item.name} max={48} />
            </Button>
          </li>
        ))}
      </ul>
      <p role="status" className="text-small text-muted">
        {data && items.length === 0 && "No baseline in force matches."}
        {items.length > SHOWN && `${formatPlural(items.length - SHOWN, "further baseline")} not shown.`}
      </p>
    </div>
  );
}
