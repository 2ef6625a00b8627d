/** Query options of the keys that the installation signs with. */
import { queryOptions } from "@tanstack/react-query";
import type { SigningKeyList } from "#lib/contracts/baseline";
import { getJson, trust } from "./api.ts";
import { paths } from "./paths.ts";

export const signingKeysOptions = () =>
  queryOptions({
    queryKey: ["signing-keys"] as const,
    queryFn: ({ signal }) => getJson(paths.api.signingKeys(), trust<SigningKeyList>(), signal),
  });
