/** A receiver that reports back once it is done. */
import { reportName, webhookConnector } from "#lib/connectors/webhook/index";
import { startReceiver } from "#tests/stubs/webhook-receiver";
import { CANARY, type RigMaker, rigNode } from "./rig.ts";

const secret = `whsec_${Buffer.from(`${CANARY}-of-24-bytes`).toString("base64")}`;

export const webhookRig: RigMaker = {
  connector: webhookConnector,
  readsAnswers: false,
  async start() {
    const fake = await startReceiver();
    return {
      fake,
      settings: { url: `${fake.url}/hook` },
      secrets: { signing: secret, callback: secret },
      node: rigNode("w1"),
      stranger: null,
      prepare: () => {},
      settle(_verb, memory) {
        for (const id of fake.taken.keys()) memory.set(reportName(id), { state: "done" });
      },
    };
  },
};
