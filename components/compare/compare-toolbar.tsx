"use client";

import { useQuery } from "@tanstack/react-query";
import { useId, useState } from "react";
import { useTimeTravel } from "#components/shell/time-travel";
import { Button } from "#components/ui/button";
import { useNow } from "#components/ui/clock";
import { HostileText } from "#components/ui/hostile-text";
import { Input } from "#components/ui/input";
import { useTimeMode } from "#components/ui/preferences";
import { aroundInstant, baselineRef } from "#lib/client/compare";
import { nodeOptions } from "#lib/client/node";
import { nodeJumpOptions } from "#lib/client/nodes";
import { fieldTextOf, instantOfField, isoOf } from "#lib/client/timeline-range";
import { BaselinePicker } from "./baseline-picker.tsx";

type Sides = { a: string | null; b: string | null };

/** The comparisons that people ask for, each one press away, and the fields for any other. */
export function CompareToolbar({
  nodeId,
  sides,
  onChoose,
}: {
  nodeId: string;
  sides: Sides;
  onChoose: (sides: Sides) => void;
}) {
  const { time } = useTimeTravel();
  const { data: node } = useQuery(nodeOptions(nodeId, time));
  const [form, setForm] = useState<"instants" | "node" | "baseline" | null>(null);
  const change = node && aroundInstant(node.since);
  const toggle = (name: "instants" | "node" | "baseline") => setForm((open) => (open === name ? null : name));
  const isUsual = sides.b === null && (sides.a === null || sides.a === "lastTrusted");
  const isChange = change !== undefined && sides.a === change.a && sides.b === change.b;
  function choose(chosen: Sides) {
    setForm(null);
    onChoose(chosen);
  }
  return (
    <section aria-label="What to compare" className="rounded-[6px] border border-line bg-bg">
      <div className="flex flex-wrap items-center gap-2 px-3 py-2">
        <Button size="sm" aria-pressed={isUsual} onClick={() => choose({ a: null, b: null })}>
          Last trusted – now
        </Button>
        <Button
          size="sm"
          aria-pressed={isChange}
          disabled={change === undefined}
          onClick={() => change && choose(change)}
        >
          Before – after the last change
        </Button>
        <Button size="sm" aria-expanded={form === "instants"} onClick={() => toggle("instants")}>
          Two instants…
        </Button>
        <Button size="sm" aria-expanded={form === "node"} onClick={() => toggle("node")}>
          Another node…
        </Button>
        <Button size="sm" aria-expanded={form === "baseline"} onClick={() => toggle("baseline")}>
          A baseline…
        </Button>
      </div>
      {form === "instants" && <InstantForm onChoose={choose} />}
      {form === "node" && (
        <NodePicker nodeId={nodeId} onChoose={(id) => choose({ a: `node:${id}`, b: null })} />
      )}
      {form === "baseline" && (
        <BaselinePicker onChoose={(id) => choose({ a: baselineRef(id, null), b: instantOf(sides.b) })} />
      )}
    </section>
  );
}

/** The instant on the side of the node stays; another node or a baseline there does not. */
const instantOf = (side: string | null) => (side?.includes(":") && !/^\d/.test(side) ? null : side);

function InstantForm({ onChoose }: { onChoose: (sides: Sides) => void }) {
  const id = useId();
  const mode = useTimeMode();
  const nowMs = useNow();
  const [a, setA] = useState(() => fieldTextOf(nowMs - 86_400_000, mode));
  const [b, setB] = useState(() => fieldTextOf(nowMs, mode));
  const [aMs, bMs] = [instantOfField(a, mode), instantOfField(b, mode)];
  const late = [aMs, bMs].some((ms) => ms !== null && ms > nowMs);
  const ready = aMs !== null && bMs !== null && !late;
  return (
    <form
      className="flex flex-wrap items-end gap-2 border-t border-line bg-sunken px-3 py-2"
      onSubmit={(event) => {
        event.preventDefault();
        if (ready) onChoose({ a: isoOf(aMs), b: isoOf(bMs) });
      }}
    >
      {[
        { name: "A", text: a, set: setA },
        { name: "B", text: b, set: setB },
      ].map(({ name, text, set }) => (
        <div key={name} className="flex flex-col gap-1">
          <label htmlFor={`${id}-${name}`} className="text-small font-medium">
            {name} ({mode === "utc" ? "UTC" : "local time"})
          </label>
          <Input
            id={`${id}-${name}`}
            type="datetime-local"
            step={1}
            required
            value={text}
            onChange={(event) => set(event.target.value)}
            className="max-w-[240px]"
          />
        </div>
      ))}
      <Button type="submit" variant="primary" disabled={!ready}>
        Compare
      </Button>
      <p role="status" className="basis-full text-small text-muted">
        {late && "An instant of the future cannot be compared."}
      </p>
    </form>
  );
}

/** Finds a node by name or identity, as the search in the top bar does. */
function NodePicker({ nodeId, onChoose }: { nodeId: string; onChoose: (nodeId: string) => void }) {
  const id = useId();
  const { time } = useTimeTravel();
  const [text, setText] = useState("");
  const found = useQuery(nodeJumpOptions(text.trim(), time));
  const items = text.trim() === "" ? [] : (found.data?.items.filter((item) => item.id !== nodeId) ?? []);
  return (
    <div className="flex flex-col gap-2 border-t border-line bg-sunken px-3 py-2">
      <label htmlFor={id} className="text-small font-medium">
        Node to compare with, by name or identity
      </label>
      <Input
        id={id}
        type="search"
        value={text}
        maxLength={200}
        onChange={(event) => setText(event.target.value)}
        className="max-w-[360px]"
      />
      <ul aria-label="Nodes found" className="flex flex-wrap gap-2">
        {items.map((item) => (
          <li key={item.id} className="min-w-0">
            <Button size="sm" onClick={() => onChoose(item.id)}>
              <HostileText text={item.displayName} max={48} />
            </Button>
          </li>
        ))}
      </ul>
      <p role="status" className="text-small text-muted">
        {text.trim() !== "" && found.data && items.length === 0 && "No other node matches."}
      </p>
    </div>
  );
}
