"use client";

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { peopleOptions, trustDomainsOptions } from "#lib/client/access";
import { displayText } from "#lib/client/format";
import { effectiveOptions, serviceAccountsOptions } from "#lib/client/service-accounts";
import type { EffectivePermissions as Effective, EffectiveQuery } from "#lib/contracts/service-account";
import { ErrorPanel } from "../ui/error-panel.tsx";
import { Field } from "../ui/input.tsx";
import { Select } from "../ui/select.tsx";
import { SkeletonRows } from "../ui/skeleton.tsx";
import { Table, TableBody, TableCell, TableFrame, TableHead, TableHeader, TableRow } from "../ui/table.tsx";
import { Timestamp } from "../ui/timestamp.tsx";

/** What one person or program may do in one trust domain, and which grant says so. */
export function EffectivePermissions() {
  const people = useQuery(peopleOptions()).data?.items ?? [];
  const programs = useQuery(serviceAccountsOptions()).data?.items ?? [];
  const domains = useQuery(trustDomainsOptions()).data?.items ?? [];
  const [who, setWho] = useState("");
  const [chosen, setChosen] = useState("");
  const trustDomainId = chosen || (domains[0]?.id ?? "");
  const [kind, id] = who.split(" ");
  return (
    <section className="mt-6">
      <h2 className="label mb-2 text-fg">Effective permissions</h2>
      <div className="mb-3 grid max-w-[640px] gap-3 sm:grid-cols-2">
        <Field id="effective-who" label="Effective permissions of">
          <Select
            id="effective-who"
            value={who}
            onChange={(event) => setWho(event.target.value)}
            options={[
              { value: "", label: "Choose a person or a program" },
              ...people.map((person) => ({
                value: `user ${person.id}`,
                label: displayText(person.email).text,
              })),
              ...programs.map((program) => ({
                value: `service ${program.id}`,
                label: `${program.name} (service account)`,
              })),
            ]}
          />
        </Field>
        <Field id="effective-where" label="In">
          <Select
            id="effective-where"
            value={trustDomainId}
            onChange={(event) => setChosen(event.target.value)}
            options={domains.map((item) => ({
              value: item.id,
              label: `${"\u2003".repeat(item.depth)}${displayText(item.name).text}`,
            }))}
          />
        </Field>
      </div>
      {(kind === "user" || kind === "service") && id !== undefined && trustDomainId !== "" && (
        <Answer query={{ kind, id, trustDomainId }} />
      )}
    </section>
  );
}

function Answer({ query }: { query: EffectiveQuery }) {
  const { data, error, refetch } = useQuery(effectiveOptions(query));
  if (data === undefined)
    return error ? (
      <ErrorPanel title="The permissions could not be loaded" error={error} onRetry={() => void refetch()} />
    ) : (
      <SkeletonRows rows={4} label="Loading permissions" />
    );
  return (
    <>
      {!data.complete && (
        <p className="mb-2 text-small text-warn-fg">
          Roles that were given in a trust domain above those that you see are not counted here.
        </p>
      )}
      {query.kind === "service" && (
        <p className="mb-2 text-small text-muted">
          What its roles hold. Each key and each trusted token is narrowed once more by its scopes.
        </p>
      )}
      <TableFrame tabIndex={0}>
        <Table aria-label="Effective permissions">
          <TableHead>
            <tr>
              <TableHeader>Verb</TableHeader>
              <TableHeader>Allowed</TableHeader>
              <TableHeader>Because</TableHeader>
            </tr>
          </TableHead>
          <TableBody>
            {data.items.map((item) => (
              <TableRow key={item.verb}>
                <TableCell className="font-mono text-small">{item.verb}</TableCell>
                <TableCell className="text-small">
                  {item.allowed ? "yes" : <span className="text-muted">no</span>}
                </TableCell>
                <TableCell className="text-small text-muted">
                  <Because item={item} />
                </TableCell>
              </TableRow>
            ))}
          </TableBody>
        </Table>
      </TableFrame>
    </>
  );
}

type Item = Effective["items"][number];

const REFUSAL: Readonly<Record<NonNullable<Item["refusal"]>, string>> = {
  disabled: "The account is disabled",
  "people-only": "Only people do this",
  "keys-of-sources": "Only keys of sources do this",
  "no-grant": "No role here or above gives it",
  "grant-ended": "The role that gave it has ended",
  "outside-review": "Not part of the review that the person was let in for",
};

function Because({ item: { grant, refusal } }: { item: Item }) {
  if (grant === null) return refusal === null ? null : REFUSAL[refusal];
  return (
    <>
      {grant.role} in {displayText(grant.trustDomain).text}
      {grant.expiresAt !== null && (
        <>
          {" "}
          until <Timestamp iso={grant.expiresAt} absolute />
        </>
      )}
    </>
  );
}
