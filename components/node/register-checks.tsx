"use client";

import { Badge } from "#components/ui/badge";
import {
  Table,
  TableBody,
  TableCell,
  TableFrame,
  TableHead,
  TableHeader,
  TableRow,
} from "#components/ui/table";
import type { RegisterCheckView } from "#lib/contracts/event-log";

const WORDS = {
  match: {
    label: "match",
    tone: "accent",
    title: "Replaying the log gives exactly the value that the verdict states",
  },
  mismatch: {
    label: "mismatch",
    tone: "danger",
    title:
      "The log does not give the value that the verdict states: it is not the whole truth about this register",
  },
  not_stated: { label: "not stated", tone: "neutral", title: "The verdict names no value for this register" },
  not_replayable: {
    label: "partial log",
    tone: "neutral",
    title: "The log does not begin with the boot, so it cannot give the register's value",
  },
} as const;

export function JudgementBadge({ judgement }: { judgement: RegisterCheckView["judgement"] }) {
  const { label, tone, title } = WORDS[judgement];
  return (
    <Badge tone={tone} title={title}>
      {label}
    </Badge>
  );
}

/** What the log's replay gives, register by register, against what the verdict states. */
export function RegisterChecks({ checks }: { checks: readonly RegisterCheckView[] }) {
  if (checks.length === 0) return null;
  return (
    <TableFrame>
      <Table className="min-w-[560px]">
        <caption className="sr-only">Registers: replay of the log against the verdict</caption>
        <TableHead>
          <tr>
            <TableHeader>Register</TableHeader>
            <TableHeader>Bank</TableHeader>
            <TableHeader>Replayed</TableHeader>
            <TableHeader>Against the verdict</TableHeader>
          </tr>
        </TableHead>
        <TableBody>
          {checks.map((check) => (
            <TableRow key={`${check.bank} ${check.register}`}>
              <TableCell title={check.sentence}>
                {check.name} <span className="text-muted">{check.title}</span>
              </TableCell>
              <TableCell className="font-mono text-small">{check.bank}</TableCell>
              <TableCell className="font-mono text-small">
                <span title={check.replayed ?? undefined}>{check.replayed?.slice(0, 16) ?? "–"}</span>
              </TableCell>
              <TableCell>
                <JudgementBadge judgement={check.judgement} />
                {check.judgement === "mismatch" && (
                  <span className="ml-2 font-mono text-small text-muted" title={check.stated ?? undefined}>
                    states {check.stated?.slice(0, 16)}
                  </span>
                )}
              </TableCell>
            </TableRow>
          ))}
        </TableBody>
      </Table>
    </TableFrame>
  );
}
