/** A rig for every connector in the registry; the suite says when one is missing. */
import { awxRig } from "./awx.ts";
import { clusterApiRig } from "./cluster-api.ts";
import { keylimeRig } from "./keylime.ts";
import { kubernetesRig } from "./kubernetes.ts";
import { metal3Rig } from "./metal3.ts";
import type { RigMaker } from "./rig.ts";
import { rundeckRig } from "./rundeck.ts";
import { spireRig } from "./spire.ts";
import { stepCaRig } from "./step-ca.ts";
import { webhookRig } from "./webhook.ts";

export const RIGS: readonly RigMaker[] = [
  awxRig,
  clusterApiRig,
  keylimeRig,
  kubernetesRig,
  metal3Rig,
  rundeckRig,
  spireRig,
  stepCaRig,
  webhookRig,
];
