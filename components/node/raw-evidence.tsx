"use client";

import { Download } from "lucide-react";
import { useDisabledReason } from "#components/shell/account-context";
import { Button, buttonClass } from "#components/ui/button";
import { Card } from "#components/ui/card";
import { CodeBlock } from "#components/ui/code-block";
import { CopyButton } from "#components/ui/copy-button";
import { HostileText } from "#components/ui/hostile-text";
import { paths } from "#lib/client/paths";
import { digestCommand, evidenceFileName, signatureCommand } from "#lib/client/verify-locally";
import type { VerdictView } from "#lib/contracts/node";

/** The received bytes: digest, download, and how to check them without this server. */
export function RawEvidence({ nodeId, verdict }: { nodeId: string; verdict: VerdictView }) {
  const noRight = useDisabledReason("evidence:read");
  const refusal =
    noRight ?? (verdict.rawAvailable ? null : "The bytes are past their retention; the digest stays.");
  const signature = signatureCommand(verdict);
  return (
    <Card title="Raw evidence">
      <div className="flex flex-col gap-3">
        <dl className="flex flex-col gap-2">
          <div>
            <dt className="label">SHA-256 of the received bytes</dt>
            <dd className="flex items-start gap-1">
              <span className="font-mono text-small break-all">{verdict.rawSha256}</span>
              <CopyButton value={verdict.rawSha256} label="Copy the SHA-256 digest" />
            </dd>
          </div>
          <div>
            <dt className="label">Media type</dt>
            <dd className="text-data">
              <HostileText text={verdict.rawMediaType} max={80} className="font-mono text-small" />
            </dd>
          </div>
        </dl>
        <div className="flex flex-wrap items-center gap-3">
          {refusal === null ? (
            <a
              href={paths.api.nodeVerdictRaw(nodeId, verdict.eventHash)}
              download={evidenceFileName(verdict)}
              className={buttonClass("secondary")}
            >
              <Download aria-hidden className="size-4" />
              Download
            </a>
          ) : (
            <Button disabled>
              <Download aria-hidden className="size-4" />
              Download
            </Button>
          )}
          {refusal !== null && <span className="text-small text-muted">{refusal}</span>}
        </div>
        {refusal === null && (
          <div className="flex flex-col gap-2">
            <h3 className="text-data font-semibold">Verify locally</h3>
            <p className="text-small text-muted">
              Run next to the downloaded file. The digest shows that the file is byte for byte what was
              received.
            </p>
            <CodeBlock code={digestCommand(verdict)} label="Check the digest" />
            {signature ? (
              <>
                <p className="text-small text-muted">
                  The signature, with Node.js alone: save the verifier's own public key set as{" "}
                  <code className="font-mono">keys.json</code>, taken from the verifier and not from here.
                </p>
                <CodeBlock code={signature} label="Check the signature" />
              </>
            ) : (
              <p className="text-small text-muted">
                {verdict.signature.status === "verified"
                  ? "There is no ready command for this signature algorithm."
                  : "The bytes carry no signature: only this server's record ties them to their source."}
              </p>
            )}
          </div>
        )}
      </div>
    </Card>
  );
}
