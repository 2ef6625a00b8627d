/** AWX with a template for each verb and one host. */
import { awxConnector } from "#lib/connectors/awx/index";
import { startAwx } from "#tests/stubs/awx";
import { CANARY, type RigMaker, rigNode } from "./rig.ts";

export const awxRig: RigMaker = {
  connector: awxConnector,
  readsAnswers: true,
  async start() {
    const fake = await startAwx(CANARY);
    return {
      fake,
      settings: {
        url: fake.url,
        isolateTemplate: 7,
        releaseTemplate: 8,
        rebuildTemplate: 9,
        rekeyTemplate: 10,
      },
      secrets: { token: CANARY },
      node: rigNode("w1", { hostname: "w1.example" }),
      stranger: rigNode("nobody", { hostname: "nobody.example" }),
      prepare: () => {},
      settle() {
        for (const job of fake.jobs) job.status = "successful";
      },
    };
  },
};
