"use client";

import { ChevronDown, Download } from "lucide-react";
import { DropdownMenu as Radix } from "radix-ui";
import { paths } from "#lib/client/paths";
import { isPresent } from "#lib/client/time-travel";
import { useTimeTravel } from "../shell/time-travel.tsx";
import { buttonClass } from "../ui/button.tsx";

const FORMATS = [
  { format: "vsa", label: "Verification summary", words: "SLSA VSA, an in-toto statement in DSSE" },
  { format: "test-result", label: "Test result", words: "in-toto test result in DSSE" },
  { format: "ear", label: "Attestation result", words: "EAR, a signed token (JWT)" },
] as const;

/** Takes away what is known about the node now, signed by the installation; of the past there is no statement. */
export function StatementMenu({ nodeId }: { nodeId: string }) {
  const { time } = useTimeTravel();
  if (!isPresent(time)) return null;
  return (
    <Radix.Root modal={false}>
      <Radix.Trigger className={buttonClass()}>
        <Download aria-hidden className="size-4" />
        Download statement
        <ChevronDown aria-hidden className="size-4" />
      </Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          align="end"
          sideOffset={4}
          collisionPadding={8}
          className="z-40 flex w-[min(320px,calc(100vw-16px))] flex-col rounded-[6px] border border-line-strong bg-bg p-1"
        >
          {FORMATS.map(({ format, label, words }) => (
            <Radix.Item key={format} asChild>
              <a
                href={paths.api.nodeAttestation(nodeId, format)}
                download
                className="flex min-h-9 flex-col justify-center rounded-[4px] px-2.5 py-1 text-data outline-none data-[highlighted]:bg-selected pointer-coarse:min-h-11"
              >
                {label}
                <span className="text-small text-muted">{words}</span>
              </a>
            </Radix.Item>
          ))}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
