"use client";

import { useQuery } from "@tanstack/react-query";
import { AlarmItem } from "#components/onboarding/alarm-item";
import { useTimeTravel } from "#components/shell/time-travel";
import { nodeAlarmsOptions } from "#lib/client/identity";
import type { NodeView } from "#lib/contracts/node";

/** Open findings that somebody else claims to be this node; nothing at all when there are none. */
export function NodeAlarms({ node }: { node: NodeView }) {
  const { time } = useTimeTravel();
  const { data, error } = useQuery(nodeAlarmsOptions(node.id, time));
  if (error && !data) {
    return (
      <p role="alert" className="text-small text-danger">
        Whether somebody else claims to be this node could not be read.
      </p>
    );
  }
  if (!data || data.items.length === 0) return null;
  return (
    <section aria-label="Identity alarms" className="rounded-[4px] border border-danger text-data">
      <ul>
        {data.items.map((alarm) => (
          <AlarmItem key={alarm.id} alarm={alarm} ownNodeId={node.id} />
        ))}
      </ul>
    </section>
  );
}
