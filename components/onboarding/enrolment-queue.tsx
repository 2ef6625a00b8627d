"use client";

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { CircleCheck } from "lucide-react";
import { type ReactNode, useState } from "react";
import { fleetKeys } from "#lib/client/fleet";
import { displayText, formatPlural } from "#lib/client/format";
import {
  decideEnrolment,
  enrolmentQueueOptions,
  openAlarmsOptions,
  withdrawExpected,
} from "#lib/client/identity";
import { nodeDetailKeys } from "#lib/client/node";
import { paths } from "#lib/client/paths";
import type { EnrolmentQueue, EnrolmentView, ExpectedNodeView } from "#lib/contracts/enrolment";
import { useDisabledReason } from "../shell/account-context.tsx";
import { GuardedButton } from "../shell/guarded-button.tsx";
import { PresentOnlyNote, TimeLink, useTimeTravel } from "../shell/time-travel.tsx";
import { Badge } from "../ui/badge.tsx";
import { Card } from "../ui/card.tsx";
import { EmptyState } from "../ui/empty-state.tsx";
import { ErrorPanel } from "../ui/error-panel.tsx";
import { HostileText } from "../ui/hostile-text.tsx";
import { SkeletonRows } from "../ui/skeleton.tsx";
import { Timestamp } from "../ui/timestamp.tsx";
import { announceDone } from "../ui/toast.tsx";
import { AlarmItem } from "./alarm-item.tsx";
import { ReasonDialog } from "./reason-dialog.tsx";

/** Who waits for a person, who is waited for, and who claims to be somebody else. */
export function EnrolmentQueueList() {
  const queue = useQuery(enrolmentQueueOptions());
  const { time } = useTimeTravel();
  const alarms = useQuery(openAlarmsOptions(time));
  return (
    <div className="mt-3 flex flex-col gap-3">
      <PresentOnlyNote>
        Decisions and expected nodes are shown as they are now; identity alarms are those of the instant.
      </PresentOnlyNote>
      <Part
        title="Waiting for a decision"
        query={queue}
        isEmpty={({ enrolments }) => enrolments.length === 0}
        empty="No node waits. Nodes wait when their source is set to ask before they join."
        note={counts}
      >
        {({ enrolments }) => enrolments.map((one) => <EnrolmentItem key={one.nodeId} enrolment={one} />)}
      </Part>
      <Part
        title="Expected nodes"
        query={queue}
        isEmpty={({ expected }) => expected.length === 0}
        empty="Nobody is waited for. List nodes with the command node expect, or over the API."
      >
        {({ expected }) => expected.map((one) => <ExpectedItem key={one.id} expected={one} />)}
      </Part>
      <Part
        title="Identity alarms"
        query={alarms}
        isEmpty={({ items }) => items.length === 0}
        empty="No two parties claim to be one machine."
      >
        {({ items }) => items.map((alarm) => <AlarmItem key={alarm.id} alarm={alarm} />)}
      </Part>
    </div>
  );
}

function counts({ counts: { waiting, paused, denied } }: EnrolmentQueue): string {
  return `${waiting} waiting, ${paused} paused, ${denied} denied`;
}

function Part<T>({
  title,
  query,
  isEmpty,
  empty,
  note,
  children,
}: {
  title: string;
  query: { data: T | undefined; error: Error | null; isPending: boolean; refetch: () => unknown };
  isEmpty: (data: T) => boolean;
  empty: string;
  note?: (data: T) => string;
  children: (data: T) => ReactNode;
}) {
  const { data, error, isPending } = query;
  return (
    <Card
      title={title}
      flush
      actions={data && note && <span className="text-small text-muted">{note(data)}</span>}
    >
      {isPending && <SkeletonRows rows={3} label={`Loading: ${title}`} />}
      {error && !data && (
        <ErrorPanel title="This could not be loaded" error={error} onRetry={() => void query.refetch()} />
      )}
      {data && isEmpty(data) && (
        <EmptyState title="None" icon={<CircleCheck aria-hidden className="size-4 text-muted" />}>
          {empty}
        </EmptyState>
      )}
      {data && !isEmpty(data) && <ul aria-label={title}>{children(data)}</ul>}
    </Card>
  );
}

type Asked = "accepted" | "denied" | "paused";
const VERBS: Readonly<Record<Asked, string>> = { accepted: "Accept", denied: "Deny", paused: "Pause" };

function EnrolmentItem({ enrolment }: { enrolment: EnrolmentView }) {
  const { nodeId, nodeName, state, sourceName, requestedAt, decision, identities, alarms } = enrolment;
  const queryClient = useQueryClient();
  const [asked, setAsked] = useState<Asked | null>(null);
  const noPause = useDisabledReason("enrolment:pause");
  const noDecision = useDisabledReason("enrolment:decide");
  const name = displayText(nodeName).text;
  return (
    <Row
      head={
        <>
          <TimeLink href={paths.node(nodeId)} className="link min-w-0 font-medium break-all">
            <HostileText text={nodeName} max={64} />
          </TimeLink>
          <Badge tone={state === "waiting" ? "warn" : "neutral"}>{state}</Badge>
          {alarms > 0 && <Badge tone="danger">{formatPlural(alarms, "alarm")}</Badge>}
        </>
      }
      actions={
        <>
          <GuardedButton size="sm" reason={noDecision} onClick={() => setAsked("accepted")}>
            Accept
          </GuardedButton>
          <GuardedButton size="sm" reason={noDecision} onClick={() => setAsked("denied")}>
            Deny
          </GuardedButton>
          {state === "waiting" && (
            <GuardedButton size="sm" reason={noPause} onClick={() => setAsked("paused")}>
              Pause
            </GuardedButton>
          )}
        </>
      }
    >
      <p className="text-small text-muted">
        introduced by <HostileText text={sourceName} max={32} /> <Timestamp iso={requestedAt} />
      </p>
      <Identities identities={identities} />
      {decision && (
        <p className="text-small break-words text-muted">
          {state} by {decision.by} <Timestamp iso={decision.at} />:{" "}
          <HostileText text={decision.reason} className="[&_bdi]:whitespace-normal" />
        </p>
      )}
      <ReasonDialog
        open={asked !== null}
        onOpenChange={(open) => !open && setAsked(null)}
        title={asked ? `${VERBS[asked]} “${name}”?` : ""}
        verb={asked ? VERBS[asked] : ""}
        danger={asked === "denied"}
        act={async (reason) => {
          if (!asked) return;
          await decideEnrolment(nodeId, asked, reason);
          await Promise.all([
            queryClient.invalidateQueries({ queryKey: fleetKeys.all }),
            queryClient.invalidateQueries({ queryKey: nodeDetailKeys.one(nodeId) }),
          ]);
          announceDone({ title: `“${name}” ${asked}` });
        }}
      >
        <p>
          {asked === "accepted"
            ? "From now on its verdicts decide whether it is trusted."
            : "It stays pending, whatever its verdicts say, until somebody accepts it."}
        </p>
      </ReasonDialog>
    </Row>
  );
}

function ExpectedItem({ expected }: { expected: ExpectedNodeView }) {
  const { id, name, origin, state, dueAt, reason, identities, nodeId } = expected;
  const queryClient = useQueryClient();
  const [asking, setAsking] = useState(false);
  const noWithdrawal = useDisabledReason("node:expect");
  return (
    <Row
      head={
        <>
          {nodeId ? (
            <TimeLink href={paths.node(nodeId)} className="link min-w-0 font-medium break-all">
              <HostileText text={name} max={64} />
            </TimeLink>
          ) : (
            <span className="min-w-0 font-medium break-all">
              <HostileText text={name} max={64} />
            </span>
          )}
          <Badge tone={state === "overdue" ? "danger" : "neutral"}>
            {state === "overdue" ? "never enrolled" : state}
          </Badge>
        </>
      }
      actions={
        <GuardedButton size="sm" reason={noWithdrawal} onClick={() => setAsking(true)}>
          Withdraw
        </GuardedButton>
      }
    >
      <p className="text-small text-muted">
        {origin === "inventory" ? "listed in the inventory" : "found by its provisioning"}, due{" "}
        <Timestamp iso={dueAt} />
        {reason !== null && `. ${reason}`}
      </p>
      <Identities identities={identities} />
      <ReasonDialog
        open={asking}
        onOpenChange={setAsking}
        title={`Withdraw “${displayText(name).text}”?`}
        verb="Withdraw"
        act={async (why) => {
          await withdrawExpected(id, why);
          await queryClient.invalidateQueries({ queryKey: fleetKeys.all });
          announceDone({ title: "No longer waited for" });
        }}
      >
        <p>Nobody waits for it any more. It may still enrol.</p>
      </ReasonDialog>
    </Row>
  );
}

function Row({ head, actions, children }: { head: ReactNode; actions: ReactNode; children: ReactNode }) {
  return (
    <li className="flex flex-wrap items-start justify-between gap-x-4 gap-y-1.5 border-b border-line px-3 py-2 text-data last:border-b-0">
      <div className="min-w-0 flex-1 basis-64">
        <p className="flex flex-wrap items-center gap-x-2 gap-y-0.5">{head}</p>
        {children}
      </div>
      <div className="flex flex-wrap gap-2">{actions}</div>
    </li>
  );
}

function Identities({ identities }: { identities: readonly { kind: string; value: string }[] }) {
  return (
    <p className="text-small break-all text-muted">
      {identities.map(({ kind, value }) => (
        <span key={`${kind} ${value}`} className="mr-3 inline-block max-w-full">
          {kind} <HostileText text={value} max={48} className="font-mono [&_bdi]:whitespace-normal" />
        </span>
      ))}
    </p>
  );
}
