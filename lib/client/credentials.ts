/** Reading credentials: those of one node, and those of the fleet that end soon. */
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import type {
  CREDENTIAL_WINDOWS,
  CredentialListPage,
  CredentialView,
  EndingCredential,
  NodeCredentials,
} from "#lib/contracts/credential";
import { getJson, trust } from "./api.ts";
import { nodeDetailKeys } from "./node.ts";
import { paths } from "./paths.ts";
import { type TimeTravel, timeParams } from "./time-travel.ts";

export type CredentialWindow = (typeof CREDENTIAL_WINDOWS)[number];

/** Key factory. */
const credentialKeys = {
  all: ["credentials"] as const,
  ending: (within: CredentialWindow) => [...credentialKeys.all, "ending", within] as const,
};

export const nodeCredentialsOptions = (nodeId: string, time: TimeTravel) =>
  queryOptions({
    queryKey: [...nodeDetailKeys.one(nodeId), "credentials", time] as const,
    queryFn: ({ signal }) =>
      getJson(paths.api.nodeCredentials(nodeId, timeParams(time)), trust<NodeCredentials>(), signal),
  });

export const endingCredentialsOptions = (within: CredentialWindow, time: TimeTravel) =>
  infiniteQueryOptions({
    queryKey: [...credentialKeys.ending(within), time] as const,
    queryFn: ({ pageParam, signal }) =>
      getJson(
        paths.api.credentials({ within, cursor: pageParam, ...timeParams(time) }),
        trust<CredentialListPage>(),
        signal,
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
  });

const STATE_WORDS: Record<CredentialView["state"], string> = {
  valid: "Valid",
  expiring: "Renewal due",
  expired: "Expired",
  replaced: "Replaced",
  revoked: "Taken away",
};

const STATE_TONES: Record<CredentialView["state"], "neutral" | "warn" | "danger"> = {
  valid: "neutral",
  expiring: "warn",
  expired: "danger",
  replaced: "neutral",
  revoked: "danger",
};

/** A state as a word and the tone of its badge. */
export function credentialState(state: CredentialView["state"]) {
  return { word: STATE_WORDS[state], tone: STATE_TONES[state] };
}

const REVOKED_BY: Readonly<Record<string, string>> = {
  "identity.banned": "banned",
  "identity.evicted": "evicted",
};

/** Why a credential ended, in words; `null` while nothing ended it. */
export function endedBy({
  revokedBy,
  replacedAt,
}: Pick<CredentialView, "revokedBy" | "replacedAt">): string | null {
  if (revokedBy !== null) return REVOKED_BY[revokedBy] ?? revokedBy;
  return replacedAt === null ? null : "renewed";
}

/** What identifies a credential to a person: serial, else fingerprint; `null` when the source states neither. */
export function credentialName({
  serial,
  fingerprintSha256,
}: Pick<EndingCredential, "serial" | "fingerprintSha256">): string | null {
  return serial ?? fingerprintSha256;
}
