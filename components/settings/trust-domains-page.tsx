"use client";

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { accessKeys, createTrustDomain, renameTrustDomain, trustDomainsOptions } from "#lib/client/access";
import { displayText, formatPlural } from "#lib/client/format";
import type { TrustDomainView } from "#lib/contracts/access";
import { useDisabledReason } from "../shell/account-context.tsx";
import { GuardedButton } from "../shell/guarded-button.tsx";
import { FormProblem } from "../sources/form-problem.tsx";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { ErrorPanel } from "../ui/error-panel.tsx";
import { Field, fieldHintId, Input } from "../ui/input.tsx";
import { PageHeader } from "../ui/page-header.tsx";
import { SkeletonRows } from "../ui/skeleton.tsx";
import { SettingsTabs } from "./settings-tabs.tsx";

type Asked = { verb: "create" | "rename"; domain: TrustDomainView };

/** The tree of trust domains. A domain can get another name and children, and never another place. */
export function TrustDomainsPage() {
  const { data, error, refetch } = useQuery(trustDomainsOptions());
  const reason = useDisabledReason("domain:manage");
  const [asked, setAsked] = useState<Asked | null>(null);
  return (
    <>
      <PageHeader
        title="Trust domains"
        meta={data && formatPlural(data.items.length, "trust domain", "trust domains")}
      />
      <SettingsTabs />
      <p className="max-w-[80ch] py-3 text-muted">
        A role that is given in a domain counts in everything below it. Nodes and sources stay in the domain
        where they were made; a domain is never moved.
      </p>
      {data === undefined && !error && <SkeletonRows rows={3} label="Loading trust domains" />}
      {data === undefined && error && (
        <ErrorPanel
          title="The trust domains could not be loaded"
          error={error}
          onRetry={() => void refetch()}
        />
      )}
      <ul>
        {data?.items.map((domain) => {
          const name = displayText(domain.name).text;
          return (
            <li
              key={domain.id}
              className="flex flex-wrap items-center justify-between gap-2 border-b border-line py-2"
              style={{ paddingLeft: `${Math.min(domain.depth, 6) * 16}px` }}
            >
              <span className="min-w-0 font-medium break-words">{name}</span>
              <span className="flex gap-2">
                <GuardedButton
                  size="sm"
                  reason={reason}
                  aria-label={`Rename ${name}`}
                  onClick={() => setAsked({ verb: "rename", domain })}
                >
                  Rename
                </GuardedButton>
                <GuardedButton
                  size="sm"
                  reason={reason}
                  aria-label={`Create below ${name}`}
                  onClick={() => setAsked({ verb: "create", domain })}
                >
                  Create below
                </GuardedButton>
              </span>
            </li>
          );
        })}
      </ul>
      <DomainDialog asked={asked} onClose={() => setAsked(null)} />
    </>
  );
}

function DomainDialog({ asked, onClose }: { asked: Asked | null; onClose: () => void }) {
  const name = displayText(asked?.domain.name ?? "").text;
  return (
    <Dialog
      open={asked !== null}
      onOpenChange={(open) => !open && onClose()}
      title={asked?.verb === "rename" ? `Rename ${name}` : `Create a domain below ${name}`}
    >
      {asked && <DomainForm asked={asked} onClose={onClose} />}
    </Dialog>
  );
}

function DomainForm({ asked: { verb, domain }, onClose }: { asked: Asked; onClose: () => void }) {
  const queryClient = useQueryClient();
  const [name, setName] = useState(verb === "rename" ? domain.name : "");
  const save = useMutation<unknown>({
    mutationFn: () =>
      verb === "rename"
        ? renameTrustDomain(domain.id, { name })
        : createTrustDomain({ parentId: domain.id, name }),
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: accessKeys.all });
      onClose();
    },
  });
  function submit(event: FormEvent) {
    event.preventDefault();
    save.mutate();
  }
  return (
    <form onSubmit={submit} className="flex flex-col gap-3">
      <Field id="domain-name" label="Name" hint="Unique; letters, digits, space, dot, dash and underscore.">
        <Input
          id="domain-name"
          required
          maxLength={63}
          value={name}
          onChange={(event) => setName(event.target.value)}
          aria-describedby={fieldHintId("domain-name")}
        />
      </Field>
      {save.error && <FormProblem error={save.error} />}
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" variant="primary" pending={save.isPending}>
          {verb === "rename" ? "Rename" : "Create"}
        </Button>
      </div>
    </form>
  );
}
