"use client";

import { parseAsString, parseAsStringLiteral, useQueryStates } from "nuqs";
import {
  DEFAULT_NODE_SORT,
  NODE_SORT_KEYS,
  type NodeListFilter,
  type NodeSort,
} from "#lib/client/node-filter";
import { useTimeTravel } from "../shell/time-travel.tsx";

const PARSERS = {
  q: parseAsString.withDefault(""),
  sort: parseAsStringLiteral(NODE_SORT_KEYS).withDefault(DEFAULT_NODE_SORT),
};

/** The list's filter as the address holds it. Typing replaces the entry in the history, choices add one. */
export function useNodeFilter() {
  const [{ q, sort }, set] = useQueryStates(PARSERS);
  const { time } = useTimeTravel();
  const filter: NodeListFilter = { q: q.trim(), sort, time };
  return {
    filter,
    typeQuery: (text: string) => void set({ q: text || null }, { history: "replace" }),
    chooseQuery: (text: string) => void set({ q: text || null }, { history: "push" }),
    chooseSort: (next: NodeSort) => void set({ sort: next }, { history: "push" }),
  };
}
