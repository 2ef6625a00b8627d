"use client";

import { useRouter } from "next/navigation";
import { type FormEvent, type ReactNode, useState } from "react";
import type { Asked } from "#lib/client/compliance";
import { periodChoices } from "#lib/client/period";
import { useAccount } from "../shell/account-context.tsx";
import { Button } from "../ui/button.tsx";
import { Field, Input } from "../ui/input.tsx";
import { Select } from "../ui/select.tsx";

/** Which period and which nodes; the address keeps both. Children are further choices. */
export function PeriodBar({
  asked,
  nowMs,
  href,
  children,
}: {
  asked: Asked;
  /** Of the page's first drawing, so that the choices are the same on both sides. */
  nowMs: number;
  href: (asked: Asked) => string;
  children?: ReactNode;
}) {
  const router = useRouter();
  const { review } = useAccount();
  const [q, setQ] = useState(asked.q);
  function narrow(event: FormEvent) {
    event.preventDefault();
    router.push(href({ ...asked, q: q.trim() }));
  }
  return (
    <form onSubmit={narrow} className="flex flex-wrap items-end gap-3 border-b border-line py-3">
      {children}
      <Field id="compliance-period" label="Period (UTC)">
        <Select
          id="compliance-period"
          value={asked.period}
          options={periodChoices(nowMs, review)}
          onChange={(event) => router.push(href({ ...asked, period: event.target.value }))}
        />
      </Field>
      <Field id="compliance-nodes" label="Nodes">
        <Input
          id="compliance-nodes"
          value={q}
          maxLength={500}
          placeholder="every node, or label:role=gpu"
          className="font-mono"
          spellCheck={false}
          onChange={(event) => setQ(event.target.value)}
        />
      </Field>
      <Button type="submit">Apply</Button>
    </form>
  );
}
