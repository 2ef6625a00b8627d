"use client";

import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { formatBytes } from "#lib/client/format";
import { paths } from "#lib/client/paths";
import { DEFAULT_PERIOD } from "#lib/client/period";
import { checkPack } from "#lib/client/reports";
import type { PackCheckView } from "#lib/contracts/pack-check";
import { PACK_MAX_BYTES } from "#lib/domain/report/pack-limit";
import { Badge } from "../ui/badge.tsx";
import { Button } from "../ui/button.tsx";
import { Card } from "../ui/card.tsx";
import { ErrorPanel } from "../ui/error-panel.tsx";
import { FileDrop } from "../ui/file-drop.tsx";
import { HostileText } from "../ui/hostile-text.tsx";
import { Field, fieldHintId, Textarea } from "../ui/input.tsx";
import { PageHeader } from "../ui/page-header.tsx";
import { Timestamp } from "../ui/timestamp.tsx";

const ASKED = { period: DEFAULT_PERIOD, q: "" };

const WORDS = {
  proven: { label: "Proven", tone: "accent" },
  failed: { label: "Failed", tone: "danger" },
  not_proven: { label: "Not proven", tone: "neutral" },
} as const;

const SUMMARY: Readonly<Record<PackCheckView["standing"], string>> = {
  proven: "Everything that could be checked holds, and one of the keys signed it.",
  failed: "This is not to be relied on: see what failed.",
  not_proven: "The pack is whole, and nothing shows whose it is.",
};

/** An evidence pack is dropped here and looked at as `touchstone verify` looks at it. */
export function CheckPackPage() {
  const [file, setFile] = useState<File | null>(null);
  const [keys, setKeys] = useState("");
  const check = useMutation({
    mutationFn: async (pack: File) =>
      checkPack({ pack: await base64Of(pack), keys: keys.trim() === "" ? null : keys }),
  });
  const tooLarge = file !== null && file.size > PACK_MAX_BYTES;
  const choose = (chosen: File | null) => {
    check.reset();
    setFile(chosen);
  };
  return (
    <>
      <PageHeader
        title="Check a pack"
        crumbs={[
          { href: paths.compliance(ASKED), label: "Compliance" },
          { href: paths.reports(), label: "Reports" },
        ]}
      />
      <p className="mb-3 max-w-prose text-data text-muted">
        Whoever needs not to trust this server checks a pack with <code>touchstone verify</code> elsewhere.
        Here the same is looked at, and nothing of the pack is kept.
      </p>
      <div className="flex max-w-[720px] flex-col gap-3">
        <FileDrop
          label="Evidence pack"
          prompt="Drop an evidence pack here, or choose it"
          accept=".zip,application/zip"
          file={file}
          onChoose={choose}
        />
        <Field
          id="pack-keys"
          label="Keys"
          hint="A JWK set that you know the signer by. Empty = the keys of this installation."
        >
          <Textarea
            id="pack-keys"
            rows={3}
            spellCheck={false}
            value={keys}
            onChange={(event) => setKeys(event.target.value)}
            className="font-mono text-small"
            aria-describedby={fieldHintId("pack-keys")}
          />
        </Field>
        {tooLarge && (
          <p role="alert" className="text-small text-danger">
            At most {formatBytes(PACK_MAX_BYTES)} are checked here. Use the command line for this one.
          </p>
        )}
        <Button
          variant="primary"
          className="self-start"
          disabled={file === null || tooLarge}
          pending={check.isPending}
          onClick={() => file && check.mutate(file)}
        >
          Check the pack
        </Button>
        {check.error && <ErrorPanel title="The pack could not be checked" error={check.error} />}
        {check.data && <Result check={check.data} />}
      </div>
    </>
  );
}

function Result({ check: { standing, report, findings } }: { check: PackCheckView }) {
  return (
    <Card title="Result" flush>
      <div role="status" className="flex flex-col gap-1 border-b border-line p-3">
        <p className="flex items-center gap-2 text-data font-medium">
          <Badge tone={WORDS[standing].tone}>{WORDS[standing].label}</Badge>
          {SUMMARY[standing]}
        </p>
        {report && (
          <p className="text-small break-words text-muted">
            <HostileText text={report.title} />, <Timestamp iso={report.period.from} /> to{" "}
            <Timestamp iso={report.period.to} />, as known at <Timestamp iso={report.knownAt} />. SHA-256{" "}
            <code className="break-all">{report.digest}</code>
          </p>
        )}
      </div>
      <ul aria-label="Findings">
        {findings.map((finding) => (
          <li
            key={`${finding.part} ${finding.text}`}
            className="flex flex-col gap-0.5 border-b border-line p-3 last:border-0"
          >
            <span className="flex items-center gap-2">
              <Badge tone={WORDS[finding.standing].tone}>{WORDS[finding.standing].label}</Badge>
              <span className="min-w-0 text-data break-all">
                <HostileText text={finding.part} className="[&_bdi]:whitespace-normal" />
              </span>
            </span>
            <span className="text-small break-words text-muted">
              <HostileText text={finding.text} className="[&_bdi]:whitespace-normal" />
            </span>
          </li>
        ))}
      </ul>
    </Card>
  );
}

/** By the browser's own reader: a pack is too large to be spelled byte by byte. */
function base64Of(file: File): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onerror = () => reject(reader.error ?? new Error("The file could not be read."));
    reader.onload = () => resolve(String(reader.result).replace(/^[^,]*,/, ""));
    reader.readAsDataURL(file);
  });
}
