/** Every kind of collector there is. A new one is one folder and one line here. */
import type { Collector } from "./contract.ts";
import { fdoCollector } from "./fdo/index.ts";
import { keylimeCollector } from "./keylime/index.ts";
import { kubernetesCollector } from "./kubernetes/index.ts";
import { spireCollector } from "./spire/index.ts";

export const COLLECTORS: readonly Collector[] = [
  fdoCollector as Collector,
  keylimeCollector as Collector,
  kubernetesCollector as Collector,
  spireCollector as Collector,
];

/** The collector for a kind of source; `undefined` when that kind only sends, or does not exist. */
export function collectorByKind(kind: string): Collector | undefined {
  return COLLECTORS.find((collector) => collector.kind === kind);
}
