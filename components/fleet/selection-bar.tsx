"use client";

import { useState } from "react";
import { formatPlural } from "#lib/client/format";
import { TARGETS_MAX } from "#lib/domain/remediation-plan";
import { ActionMenu } from "../remediation/action-menu.tsx";
import { RequestDialog, type Wanted } from "../remediation/request-dialog.tsx";
import { useDisabledReason } from "../shell/account-context.tsx";
import { Button } from "../ui/button.tsx";
import type { NodeSelection } from "./selection.ts";

/** What can be asked for about the picked nodes, at the bottom of the screen; nothing while none is picked. */
export function SelectionBar({ selection: { nodes, clear } }: { selection: NodeSelection }) {
  const refused = useDisabledReason("remediation:request");
  const [wanted, setWanted] = useState<Wanted | null>(null);
  const tooMany = nodes.length > TARGETS_MAX ? `At most ${TARGETS_MAX} nodes at a time.` : null;
  return (
    <>
      {nodes.length > 0 && (
        <section
          aria-label="Picked nodes"
          className="sticky bottom-0 z-20 flex flex-wrap items-center gap-3 border-t border-line-strong bg-bg py-2 max-md:hidden"
        >
          <span role="status" className="text-data font-medium">
            {formatPlural(nodes.length, "node")} picked
          </span>
          <ActionMenu
            label="Request"
            refusal={() => refused ?? tooMany}
            onChoose={(action) =>
              setWanted({ action, nodes: nodes.map(({ id, displayName }) => ({ id, name: displayName })) })
            }
          />
          <Button variant="ghost" onClick={clear}>
            Clear
          </Button>
        </section>
      )}
      <RequestDialog
        wanted={wanted}
        onClose={(sent) => {
          setWanted(null);
          if (sent) clear();
        }}
      />
    </>
  );
}
