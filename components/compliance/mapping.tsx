"use client";

import { useQueryClient } from "@tanstack/react-query";
import dynamic from "next/dynamic";
import { useState } from "react";
import { complianceKeys } from "#lib/client/compliance";
import { displayText } from "#lib/client/format";
import { clearMapping } from "#lib/client/frameworks";
import type { ControlDetail } from "#lib/contracts/control";
import { ReasonDialog } from "../onboarding/reason-dialog.tsx";
import { useDisabledReason } from "../shell/account-context.tsx";
import { GuardedButton } from "../shell/guarded-button.tsx";
import { Badge } from "../ui/badge.tsx";
import { Timestamp } from "../ui/timestamp.tsx";
import { announceDone } from "../ui/toast.tsx";
import { MAPPING_WORDS } from "./compliance-words.ts";

/** Fetched when a control of an imported framework is opened: it brings every measure with it. */
const MapDialog = dynamic(() => import("./map-dialog.tsx").then((module) => module.MapDialog), {
  ssr: false,
});

type MappingProps = {
  framework: ControlDetail["framework"];
  control: ControlDetail["control"];
  document: NonNullable<ControlDetail["document"]>;
};

/** What the document asks for, and what somebody mapped it to. */
export function Mapping({ framework, control, document }: MappingProps) {
  const [dialog, setDialog] = useState<"map" | "clear" | null>(null);
  const role = useDisabledReason("compliance:manage");
  const refused = framework.own?.retiredAt ? "The framework is retired." : role;
  const queryClient = useQueryClient();
  const again = () => queryClient.invalidateQueries({ queryKey: complianceKeys.all });
  const mapping = control.own?.mapping ?? null;
  return (
    <div className="flex flex-col gap-2 pt-3">
      {document.statement !== null && (
        <details className="text-data">
          <summary className="touch flex cursor-pointer items-center text-muted">
            What the document says{document.group && `: ${displayText(document.group).text}`}
          </summary>
          <p className="max-w-[90ch] border-l-2 border-line-strong pl-3 break-words whitespace-pre-wrap">
            {displayText(document.statement).text}
          </p>
        </details>
      )}
      <h3 className="label">Mapping</h3>
      {mapping === null ? (
        <p className="text-data text-muted">Nobody has mapped it, so that nothing measures it.</p>
      ) : (
        <div className="flex flex-col gap-1 text-data">
          <span>
            <Badge>{MAPPING_WORDS[mapping.kind]}</Badge>
          </span>
          <p className="max-w-[90ch] break-words whitespace-pre-wrap">
            {mapping.covers !== null && <span className="text-muted">Covered: </span>}
            {displayText(mapping.covers ?? mapping.reason ?? "").text}
          </p>
          <p className="text-small text-muted">
            {mapping.madeBy ?? "Somebody"} <Timestamp iso={mapping.madeAt} absolute />
          </p>
        </div>
      )}
      <div className="flex flex-wrap gap-2">
        <GuardedButton reason={refused} onClick={() => setDialog("map")}>
          Map to measures
        </GuardedButton>
        {mapping && (
          <GuardedButton reason={refused} onClick={() => setDialog("clear")}>
            Clear the mapping
          </GuardedButton>
        )}
      </div>
      <MapDialog
        framework={framework.id}
        control={control}
        open={dialog === "map"}
        onClose={(done) => {
          setDialog(null);
          if (done) void again();
        }}
      />
      <ReasonDialog
        open={dialog === "clear"}
        onOpenChange={(next) => !next && setDialog(null)}
        title={`Clear the mapping of ${control.id}`}
        verb="Clear the mapping"
        minLength={10}
        act={async (reason) => {
          await clearMapping(framework.id, { control: control.id, reason });
          announceDone({ title: "The mapping is cleared" });
          await again();
        }}
      >
        <p className="text-data">
          Nothing measures the control then. Reports that are frozen stay as they are.
        </p>
      </ReasonDialog>
    </div>
  );
}
