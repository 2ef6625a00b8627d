"use client";

import { useQuery, useQueryClient } from "@tanstack/react-query";
import Link from "next/link";
import { useState } from "react";
import { complianceKeys, frameworkListOptions } from "#lib/client/compliance";
import { formatCount } from "#lib/client/format";
import { retireFramework } from "#lib/client/frameworks";
import { paths } from "#lib/client/paths";
import { DEFAULT_PERIOD } from "#lib/client/period";
import type { FrameworkView } from "#lib/contracts/control";
import { ReasonDialog } from "../onboarding/reason-dialog.tsx";
import { useDisabledReason } from "../shell/account-context.tsx";
import { GuardedButton } from "../shell/guarded-button.tsx";
import { PresentOnlyNote, TimeLink } from "../shell/time-travel.tsx";
import { Badge } from "../ui/badge.tsx";
import { buttonClass } from "../ui/button.tsx";
import { ErrorPanel } from "../ui/error-panel.tsx";
import { HostileText } from "../ui/hostile-text.tsx";
import { PageHeader } from "../ui/page-header.tsx";
import { SkeletonRows } from "../ui/skeleton.tsx";
import { Table, TableBody, TableCell, TableFrame, TableHead, TableHeader, TableRow } from "../ui/table.tsx";
import { Timestamp } from "../ui/timestamp.tsx";
import { announceDone } from "../ui/toast.tsx";
import { ComplianceTabs } from "./compliance-tabs.tsx";

const ASKED = { period: DEFAULT_PERIOD, q: "" };

/** Which frameworks are there, and where do they come from? */
export function FrameworksPage() {
  const [retiring, setRetiring] = useState<FrameworkView | null>(null);
  const refused = useDisabledReason("compliance:manage");
  const queryClient = useQueryClient();
  const { data, error, refetch } = useQuery(frameworkListOptions());
  return (
    <>
      <PageHeader
        title="Frameworks"
        crumbs={[{ href: paths.compliance(ASKED), label: "Compliance" }]}
        actions={
          refused === null ? (
            <Link className={buttonClass("primary")} href={paths.frameworkImport()}>
              Import a framework
            </Link>
          ) : (
            <GuardedButton variant="primary" reason={refused}>
              Import a framework
            </GuardedButton>
          )
        }
      />
      <PresentOnlyNote>
        Frameworks are listed as they are now. Controls of a period are those of the version that counted
        then.
      </PresentOnlyNote>
      <ComplianceTabs asked={ASKED} />
      {!data && !error && <SkeletonRows rows={8} label="Loading the frameworks" />}
      {!data && error && (
        <ErrorPanel title="The frameworks could not be loaded" error={error} onRetry={() => void refetch()} />
      )}
      {data && <FrameworkTable items={data.items} refused={refused} onRetire={setRetiring} />}
      <ReasonDialog
        open={retiring !== null}
        onOpenChange={(next) => !next && setRetiring(null)}
        title="Retire the framework"
        verb="Retire the framework"
        danger
        minLength={10}
        act={async (reason) => {
          if (retiring) await retireFramework(retiring.id, { reason });
          announceDone({ title: "The framework is retired" });
          await queryClient.invalidateQueries({ queryKey: complianceKeys.all });
        }}
      >
        <p className="text-data">
          Its controls and its reports can be read as before. Nothing new is imported, mapped, noted or
          reported, and nothing brings it back.
        </p>
      </ReasonDialog>
    </>
  );
}

type RowProps = { refused: string | null; onRetire: (framework: FrameworkView) => void };

function FrameworkTable({ items, ...rest }: RowProps & { items: readonly FrameworkView[] }) {
  return (
    <TableFrame className="mt-3">
      <Table aria-label="Frameworks">
        <TableHead>
          <tr>
            <TableHeader>Framework</TableHeader>
            <TableHeader numeric className="max-md:hidden">
              Controls
            </TableHeader>
            <TableHeader className="max-lg:hidden">Comes from</TableHeader>
            <TableHeader className="max-md:hidden">Do</TableHeader>
          </tr>
        </TableHead>
        <TableBody>
          {items.map((item) => (
            <FrameworkRow key={item.id} item={item} {...rest} />
          ))}
        </TableBody>
      </Table>
    </TableFrame>
  );
}

function FrameworkRow({ item, refused, onRetire }: RowProps & { item: FrameworkView }) {
  const { id, title, edition, controls, own } = item;
  return (
    <TableRow className="hover:bg-hover">
      <TableCell className="max-w-[70vw]">
        <TimeLink
          href={paths.compliance({ ...ASKED, framework: id })}
          className="touch flex min-w-0 items-center gap-2 font-medium hover:underline"
        >
          <HostileText text={title} />
        </TimeLink>
        <span className="flex flex-wrap items-center gap-2 text-small text-muted">
          <HostileText text={edition} max={60} />
          {own && <Badge>imported</Badge>}
          {own?.retiredAt && <Badge tone="warn">retired</Badge>}
        </span>
        {own && (
          <span className="flex flex-wrap gap-2 pt-1 md:hidden">
            <Verbs item={item} refused={refused} onRetire={onRetire} />
          </span>
        )}
      </TableCell>
      <TableCell numeric className="max-md:hidden">
        {formatCount(controls)}
      </TableCell>
      <TableCell className="text-small max-lg:hidden">{own ? <Origin own={own} /> : "The product"}</TableCell>
      <TableCell className="max-md:hidden">
        {own && (
          <span className="flex flex-wrap gap-2">
            <Verbs item={item} refused={refused} onRetire={onRetire} />
          </span>
        )}
      </TableCell>
    </TableRow>
  );
}

function Origin({ own }: { own: NonNullable<FrameworkView["own"]> }) {
  const { kind, oscalVersion, version, importedBy, importedAt, digest, base } = own;
  return (
    <>
      OSCAL {kind} {oscalVersion}, version {version}, {importedBy ?? "somebody"}{" "}
      <Timestamp iso={importedAt} absolute />
      {base && (
        <span className="block">
          of <HostileText text={`${base.title}, ${base.edition}`} max={80} />
        </span>
      )}
      <span className="block font-mono text-muted" title={`SHA-256 ${digest}`}>
        {digest.slice(0, 16)}
      </span>
    </>
  );
}

function Verbs({ item: { id, own }, item, refused, onRetire }: RowProps & { item: FrameworkView }) {
  return (
    <>
      <a className={buttonClass("secondary", "sm")} href={paths.api.complianceMappings(id)} download>
        Mappings
      </a>
      {!own?.retiredAt && refused === null && (
        <Link className={buttonClass("secondary", "sm")} href={paths.frameworkImport({ framework: id })}>
          Import again
        </Link>
      )}
      {!own?.retiredAt && (
        <GuardedButton size="sm" reason={refused} onClick={() => onRetire(item)}>
          Retire
        </GuardedButton>
      )}
    </>
  );
}
