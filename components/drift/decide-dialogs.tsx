"use client";

import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { decideDrift, ignoreDrift, remediateDrift } from "#lib/client/drift";
import { fleetKeys } from "#lib/client/fleet";
import { formatPlural } from "#lib/client/format";
import { ACTION_WORDS } from "#lib/client/remediation-words";
import type { DriftDecided, DriftGroupRow, GroupSelection } from "#lib/contracts/drift-group";
import { ACTIONS, type RemediationAction } from "#lib/domain/remediation";
import { ReasonDialog } from "../onboarding/reason-dialog.tsx";
import { useMissingRole } from "../shell/account-context.tsx";
import { Field, fieldHintId, Input } from "../ui/input.tsx";
import { Select } from "../ui/select.tsx";
import { announceDone } from "../ui/toast.tsx";

export type Verb = "record" | "ignore" | "remediate" | "snooze";
/** What is decided about, and how many groups that are on screen. */
export type Asked = { verb: Verb; groups: GroupSelection; count: number; only: DriftGroupRow | null };

const TITLE: Readonly<Record<Verb, string>> = {
  record: "Accept into a draft",
  ignore: "Ignore",
  remediate: "Hand to remediation",
  snooze: "Snooze",
};
const DAY_MS = 86_400_000;
const DAYS = ["1", "7", "30", "90", "365"].map((value) => ({ value, label: `${value} days` }));
const REASON_MIN = 10;

/** What is asked for; `mark` = nothing yet, the group is only marked. */
type Wanted = RemediationAction | "mark";
const WANTED = [
  { value: "mark", label: "Nothing yet: only mark it" },
  ...ACTIONS.filter((action) => action !== "release").map((action) => ({
    value: action,
    label: ACTION_WORDS[action].label,
  })),
];

/** Asks what a decision needs and takes it. */
export function DecideDialog({ asked, onClose }: { asked: Asked | null; onClose: (done: boolean) => void }) {
  const queryClient = useQueryClient();
  const [days, setDays] = useState("30");
  const [scope, setScope] = useState("");
  const [wanted, setWanted] = useState<Wanted>("mark");
  const mayNotAsk = useMissingRole("remediation:request");
  const verb = asked?.verb ?? "record";
  const what = asked?.only ? asked.only.path : formatPlural(asked?.count ?? 0, "group");

  async function act(reason: string) {
    if (!asked) return;
    if (asked.verb === "remediate" && asked.only && wanted !== "mark") {
      const { targets } = await remediateDrift(asked.only.id, { action: wanted, reason });
      await queryClient.invalidateQueries({ queryKey: fleetKeys.all });
      const title = `Asked for: ${ACTION_WORDS[wanted].label} ${formatPlural(targets.length, "node")}`;
      announceDone({ title, description: "Nothing is done until enough people agree." });
      onClose(true);
      return;
    }
    const done = await send(asked, { reason, days: Number(days), selector: scope.trim() });
    await queryClient.invalidateQueries({ queryKey: fleetKeys.all });
    announceDone({
      title: `${TITLE[asked.verb]}: ${formatPlural(done.decided.length, "group")}`,
      ...(done.left.length === 0
        ? {}
        : { description: `${done.left.length} left alone: ${done.left[0]?.detail}` }),
    });
    onClose(true);
  }

  return (
    <ReasonDialog
      open={asked !== null}
      onOpenChange={(open) => !open && onClose(false)}
      title={`${TITLE[verb]}: ${what}`}
      verb={TITLE[verb]}
      danger={verb === "ignore"}
      minLength={REASON_MIN}
      act={act}
    >
      <p className="text-data break-words">
        {verb === "remediate" && wanted !== "mark" && asked?.only ? ASKS : CONSEQUENCE[verb]}
      </p>
      {verb === "remediate" && asked?.only && (
        <Field id="drift-action" label="Ask for" hint={mayNotAsk ?? ""}>
          <Select
            id="drift-action"
            value={wanted}
            disabled={mayNotAsk !== null}
            onChange={(event) => setWanted(event.target.value as Wanted)}
            options={WANTED}
          />
        </Field>
      )}
      {(verb === "ignore" || verb === "snooze") && (
        <Field id="drift-days" label={verb === "ignore" ? "Expires after" : "At most for"}>
          <Select
            id="drift-days"
            value={days}
            onChange={(event) => setDays(event.target.value)}
            options={verb === "snooze" ? DAYS.filter(({ value }) => Number(value) <= 30) : DAYS}
          />
        </Field>
      )}
      {verb === "ignore" && (
        <Field
          id="drift-selector"
          label="Only for nodes that match"
          hint='A selector such as node.labels.role == "gpu". Empty = every node of the baseline.'
        >
          <Input
            id="drift-selector"
            value={scope}
            maxLength={1_000}
            onChange={(event) => setScope(event.target.value)}
            aria-describedby={fieldHintId("drift-selector")}
          />
        </Field>
      )}
    </ReasonDialog>
  );
}

const ASKS =
  "A request is made for every node that shows it now without leave. Nothing is done to any of them until enough people agree.";

const CONSEQUENCE: Readonly<Record<Verb, string>> = {
  record:
    "The values go into a draft of the baseline. They count once two people have published it and rolled it out; until then the change keeps being watched.",
  ignore:
    "What is measured at this path is not compared any more on these nodes until the exception expires. They may be trusted again because of it.",
  remediate: "The group is marked as being remediated. Nothing is done to any node by this.",
  snooze: "It comes back at the latest then, and at once when it spreads to another node or gets worse.",
};

function send(
  { verb, groups }: Asked,
  { reason, days, selector }: { reason: string; days: number; selector: string },
): Promise<DriftDecided> {
  const endsAt = new Date(Date.now() + days * DAY_MS - 60_000).toISOString();
  switch (verb) {
    case "record":
    case "remediate":
      return decideDrift({ decision: verb, groups, reason });
    case "snooze":
      return decideDrift({ decision: "snooze", groups, until: endsAt, reason });
    case "ignore":
      return ignoreDrift({
        groups,
        scope: selector === "" ? { kind: "baseline" } : { kind: "selector", selector },
        reason,
        expiresAt: endsAt,
      });
  }
}
