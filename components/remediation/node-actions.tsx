"use client";

import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { useState } from "react";
import { paths } from "#lib/client/paths";
import { stateRefusal } from "#lib/client/remediation-words";
import { nodeRemediationsOptions } from "#lib/client/remediations";
import type { NodeView } from "#lib/contracts/node";
import { useDisabledReason, useMissingRole } from "../shell/account-context.tsx";
import { ActionMenu } from "./action-menu.tsx";
import { requestTitle } from "./remediation-card.tsx";
import { RequestDialog, type Wanted } from "./request-dialog.tsx";
import { RequestStateBadge } from "./request-state.tsx";

/** What can be asked for about one node; what cannot says why. */
export function NodeActions({ node }: { node: NodeView }) {
  const refused = useDisabledReason("remediation:request");
  const [wanted, setWanted] = useState<Wanted | null>(null);
  return (
    <>
      <ActionMenu
        label="Request"
        refusal={(action) => refused ?? stateRefusal(action, node.lifecycle.state)}
        onChoose={(action) => setWanted({ action, nodes: [{ id: node.id, name: node.displayName }] })}
      />
      <RequestDialog wanted={wanted} onClose={() => setWanted(null)} />
    </>
  );
}

/** Requests about the node that are not over; nothing when there are none. */
export function NodeRemediations({ nodeId }: { nodeId: string }) {
  const allowed = useMissingRole("remediation:read") === null;
  const { data } = useQuery({ ...nodeRemediationsOptions(nodeId), enabled: allowed });
  if (!data || data.items.length === 0) return null;
  return (
    <ul aria-label="Open remediations" className="flex flex-col text-data">
      {data.items.map((item) => (
        <li key={item.id} className="flex flex-wrap items-center gap-x-2">
          <Link href={paths.remediation(item.id)} className="link touch inline-flex items-center">
            {requestTitle(item)}
          </Link>
          <RequestStateBadge state={item.state} />
        </li>
      ))}
    </ul>
  );
}
