import { ShieldAlert, ShieldCheck } from "lucide-react";
import { formatCount, formatShare } from "#lib/client/format";
import type { BaselineSummary, StandingView, VersionView } from "#lib/contracts/baseline";
import { Badge } from "../ui/badge.tsx";
import { HostileText } from "../ui/hostile-text.tsx";

/** A share with its numbers; never a percentage of nothing. */
function Share({ part, of, none }: { part: number; of: number; none: string }) {
  if (of === 0) return <span className="text-muted">{none}</span>;
  return (
    <span className="whitespace-nowrap">
      {formatShare(part / of)}{" "}
      <span className="text-small text-muted">
        {formatCount(part)} of {formatCount(of)}
      </span>
    </span>
  );
}

export function Coverage({ standing: { covered, selected } }: { standing: StandingView }) {
  return <Share part={covered} of={selected} none="no nodes" />;
}

export function Match({ standing: { matching, covered } }: { standing: StandingView }) {
  return <Share part={matching} of={covered} none="no evidence" />;
}

/** The lane in words. */
export function LaneWords({ lane: { sourceName, submod } }: Pick<BaselineSummary, "lane">) {
  if (sourceName === null) return <>any source</>;
  return (
    <>
      <HostileText text={sourceName} max={40} />
      {submod !== null && submod !== "" && (
        <>
          {" / "}
          <HostileText text={submod} max={24} />
        </>
      )}
    </>
  );
}

const STATE_TONE = { draft: "accent", published: "neutral", withdrawn: "neutral" } as const;

export function VersionState({ version }: { version: Pick<VersionView, "state" | "signature"> }) {
  return (
    <span className="inline-flex flex-wrap items-center gap-1.5">
      <Badge tone={STATE_TONE[version.state]}>{version.state}</Badge>
      {version.signature.state === "tampered" && (
        <Badge tone="danger">
          <ShieldAlert aria-hidden className="size-3" />
          tampered
        </Badge>
      )}
      {version.signature.state === "sound" && (
        <Badge title={`Signed with key ${version.signature.kid}`}>
          <ShieldCheck aria-hidden className="size-3" />
          signed
        </Badge>
      )}
    </span>
  );
}
