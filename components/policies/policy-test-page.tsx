"use client";

import { useRouter } from "next/navigation";
import { paths } from "#lib/client/paths";
import { NodeTrial } from "./node-trial.tsx";
import { usePolicy } from "./policy-frame.tsx";
import { subjectOf, VersionField } from "./subject.tsx";

/** What a version makes of one node now. Which version and node is in the address. */
export function PolicyTestPage({
  name,
  version: asked,
  nodeId,
}: {
  name: string;
  version: number | null;
  nodeId: string | null;
}) {
  const router = useRouter();
  const policy = usePolicy(name);
  if (!policy) return null;
  const { version, proposed } = subjectOf(policy, asked);
  const show = (next: { version?: number; node?: string }) => {
    const node = next.node ?? nodeId ?? undefined;
    const params = { ...(policy.builtIn ? {} : { version: next.version ?? version }), node };
    router.replace(paths.policy(name, "test", params), { scroll: false });
  };
  return (
    <div className="flex max-w-[1000px] flex-col gap-3">
      <p className="max-w-[80ch] text-data text-muted">
        Every rule is asked about what is known of the node now. Nothing is stored, and exceptions are left
        out.
      </p>
      <VersionField
        id="test-version"
        policy={policy}
        version={version}
        onChange={(next) => show({ version: next })}
      />
      <NodeTrial id="test" proposed={proposed} nodeId={nodeId} onNode={(node) => show({ node })} />
    </div>
  );
}
