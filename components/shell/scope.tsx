"use client";

import { useQuery } from "@tanstack/react-query";
import { usePathname, useRouter, useSearchParams } from "next/navigation";
import { useEffect } from "react";
import { trustDomainsOptions } from "#lib/client/access";
import { displayText } from "#lib/client/format";
import { chooseScope, chosenScope, inScope, scopeOf, withScope } from "#lib/client/scope";
import { Select } from "../ui/select.tsx";

/**
 * Which trust domain the pages show, with everything below it. A whole page load: nothing of another domain stays on
 * screen or in memory. Offered to those who see more than one.
 */
export function ScopeSwitch() {
  const { data } = useQuery(trustDomainsOptions());
  const search = useSearchParams();
  if (data === undefined || data.items.length < 2) return null;
  const options = data.items.map(({ id, name, depth }) => ({
    value: id,
    label: `${"\u2003".repeat(depth)}${displayText(name).text}`,
  }));
  return (
    <Select
      aria-label="Trust domain"
      className="max-w-[30vw] md:max-w-[180px]"
      value={scopeOf(search.toString()) ?? ""}
      onChange={(event) => {
        const { pathname, search: current } = window.location;
        window.location.assign(withScope(`${pathname}${current}`, event.target.value || null));
      }}
      options={[{ value: "", label: "All domains" }, ...options]}
    />
  );
}

/** Keeps the choice while the person follows links that do not name it. */
export function ScopeKeeper() {
  const router = useRouter();
  const pathname = usePathname();
  const search = useSearchParams().toString();
  const named = scopeOf(search);
  if (named !== null) chooseScope(named);
  useEffect(() => {
    const kept = chosenScope();
    if (named === null && kept !== null) router.replace(inScope(`${pathname}?${search}`, kept));
  }, [named, pathname, search, router]);
  return null;
}
