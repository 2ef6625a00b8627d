/** Every kind of source there is. A new one is one folder and one line here. */
import { clusterApiSource } from "./cluster-api/index.ts";
import { cocoSimpleSource } from "./coco-simple/index.ts";
import type { Source } from "./contract.ts";
import { earSource } from "./ear/index.ts";
import { fdoSource } from "./fdo/index.ts";
import { gcpCsSource } from "./gcp-cs/index.ts";
import { genericSource } from "./generic/index.ts";
import { itaSource } from "./ita/index.ts";
import { keylimeSource } from "./keylime/index.ts";
import { kubernetesSource } from "./kubernetes/index.ts";
import { maaSource } from "./maa/index.ts";
import { metal3Source } from "./metal3/index.ts";
import { nvidiaSource } from "./nvidia/index.ts";
import { spireSource } from "./spire/index.ts";
import { standardWebhooksSource } from "./standard-webhooks/index.ts";
import { stepCaSource } from "./step-ca/index.ts";
import { tailscaleSource } from "./tailscale/index.ts";
import { teleportSource } from "./teleport/index.ts";
import { tinkerbellSource } from "./tinkerbell/index.ts";
import { vsaSource } from "./vsa/index.ts";

export const SOURCES: readonly Source[] = [
  clusterApiSource,
  cocoSimpleSource,
  earSource,
  fdoSource,
  gcpCsSource,
  genericSource,
  itaSource,
  keylimeSource,
  kubernetesSource,
  maaSource,
  metal3Source,
  nvidiaSource,
  spireSource,
  standardWebhooksSource,
  stepCaSource,
  tailscaleSource,
  teleportSource,
  tinkerbellSource,
  vsaSource,
];

/** The source folder for a stored kind; `undefined` for a kind that this version does not know. */
export function sourceByKind(kind: string): Source | undefined {
  return SOURCES.find((source) => source.kind === kind);
}
