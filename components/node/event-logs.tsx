"use client";

import { useQuery } from "@tanstack/react-query";
import { parseAsStringLiteral, useQueryState } from "nuqs";
import { useRef } from "react";
import { Button } from "#components/ui/button";
import { Card } from "#components/ui/card";
import { ErrorPanel } from "#components/ui/error-panel";
import { SkeletonRows } from "#components/ui/skeleton";
import { nodeEventLogOptions } from "#lib/client/node";
import type { EventLogs as Logs } from "#lib/contracts/event-log";
import type { VerdictView } from "#lib/contracts/node";
import { BootLog } from "./boot-log.tsx";
import { EventLogDifference } from "./event-log-difference.tsx";
import { ImaLog } from "./ima-log.tsx";

/** What the machine measured, as far as the evidence carries its logs. */
export function EventLogs({
  nodeId,
  verdict,
  carried,
}: {
  nodeId: string;
  verdict: VerdictView;
  /** How many logs the evidence carries. */
  carried: number;
}) {
  if (!verdict.rawAvailable) {
    return (
      <Card title="Event logs">
        <p className="text-data text-muted">
          The received bytes are past their retention, and with them any log of what was measured.
        </p>
      </Card>
    );
  }
  return carried === 0 ? null : <CarriedLogs nodeId={nodeId} eventHash={verdict.eventHash} />;
}

function CarriedLogs({ nodeId, eventHash }: { nodeId: string; eventHash: string }) {
  const { data, error, refetch } = useQuery(nodeEventLogOptions(nodeId, eventHash));
  const [log, setLog] = useQueryState("log", parseAsStringLiteral(["compared"]));
  const compared = log === "compared";
  const arrivedCompared = useRef(compared);
  return (
    <Card
      flush
      title="Event logs"
      actions={
        data && (
          <Button
            size="sm"
            aria-expanded={compared}
            onClick={() => void setLog(compared ? null : "compared")}
          >
            {compared ? "Hide the comparison" : "Compare with the previous verdict"}
          </Button>
        )
      }
    >
      <p className="border-b border-line px-3 py-2 text-small text-muted">
        Read to explain what was measured. Trust comes from the verifier: nothing that stands here changes the
        verdict.
      </p>
      {compared && (
        <div
          className="scroll-mt-28"
          ref={(box) => (arrivedCompared.current ? box?.scrollIntoView() : undefined)}
        >
          <EventLogDifference nodeId={nodeId} eventHash={eventHash} />
        </div>
      )}
      {data ? (
        <div className="divide-y divide-line">
          {data.logs.map((log) => (
            <OneLog key={log.pointer} log={log} />
          ))}
        </div>
      ) : error ? (
        <ErrorPanel
          compact
          title="The event log could not be read"
          error={error}
          onRetry={() => void refetch()}
        />
      ) : (
        <SkeletonRows label="Reading the event logs" />
      )}
    </Card>
  );
}

function OneLog({ log }: { log: Logs["logs"][number] }) {
  if (log.form === "tcg") return <BootLog log={log} />;
  if (log.form === "ima") return <ImaLog log={log} />;
  return (
    <p role="alert" className="px-3 py-2 text-data">
      <span className="font-medium">
        {log.of === "tcg" ? "Boot log" : "IMA log"}: {log.problem.code}.
      </span>{" "}
      <span className="text-muted">This log cannot be read: {log.problem.detail}.</span>
    </p>
  );
}
