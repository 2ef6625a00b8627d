/** step-ca is never asked: whatever is sent to it would be found here. */
import { stepCaConnector } from "#lib/connectors/step-ca/index";
import { startFake } from "#tests/stubs/conduct";
import { CANARY, type RigMaker, rigNode } from "./rig.ts";

export const stepCaRig: RigMaker = {
  connector: stepCaConnector,
  readsAnswers: false,
  start: async () => ({
    fake: await startFake(() => ({ status: 404, body: {} })),
    settings: {},
    secrets: { signing: Buffer.from(`${CANARY}-of-24-bytes`).toString("base64") },
    node: rigNode("w1"),
    stranger: null,
    prepare: () => {},
    settle: () => {},
  }),
};
