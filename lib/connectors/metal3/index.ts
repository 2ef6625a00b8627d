/** Metal3: switches bare-metal hosts off, or has them imaged anew. */
import { reviewAccess } from "#lib/connectors/shared/access-review";
import { accessReview, isDryRun, KubeSecrets, kubeOf } from "#lib/connectors/shared/kubernetes";
import { connectorOf } from "#lib/connectors/shared/verbs";
import { Settings } from "./host.ts";
import { powerOff, powerOn } from "./power.ts";
import { reprovision } from "./reprovision.ts";

/** As the Metal3 source writes the id of a host. */
const HOST = /^metal3\/([0-9a-f-]{36})$/i;

export const metal3Connector = connectorOf({
  kind: "metal3",
  label: "Metal3",
  guide: "connector-metal3",
  settings: Settings,
  secrets: KubeSecrets,
  isRehearsal: isDryRun,
  test: (ctx) =>
    reviewAccess(kubeOf(ctx), [
      accessReview("list", "metal3.io", "baremetalhosts"),
      accessReview("patch", "metal3.io", "baremetalhosts"),
    ]),
  targetOf({ identities }) {
    const uids = identities.flatMap(({ kind, value }) =>
      kind === "custom" ? (HOST.exec(value)?.[1] ?? []) : [],
    );
    const [uid] = uids;
    return uid === undefined ? null : { ref: `uid:${uid}`, words: `host ${uid}`, uid };
  },
  verbs: { power_off: powerOff, power_on: powerOn, reprovision },
});
