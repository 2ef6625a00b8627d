/** Every kind of connector there is. A new one is one folder and one line here. */
import { awxConnector } from "./awx/index.ts";
import { clusterApiConnector } from "./cluster-api/index.ts";
import type { Connector } from "./contract.ts";
import { keylimeConnector } from "./keylime/index.ts";
import { kubernetesConnector } from "./kubernetes/index.ts";
import { metal3Connector } from "./metal3/index.ts";
import { rundeckConnector } from "./rundeck/index.ts";
import { spireConnector } from "./spire/index.ts";
import { stepCaConnector } from "./step-ca/index.ts";
import { webhookConnector } from "./webhook/index.ts";

export const CONNECTORS: readonly Connector[] = [
  awxConnector,
  clusterApiConnector,
  keylimeConnector,
  kubernetesConnector,
  metal3Connector,
  rundeckConnector,
  spireConnector,
  stepCaConnector,
  webhookConnector,
];

/** The connector folder for a stored kind; `undefined` for a kind that this version does not know. */
export function connectorByKind(kind: string): Connector | undefined {
  return CONNECTORS.find((connector) => connector.kind === kind);
}
