/** A verifier that attests two agents. */
import { keylimeConnector } from "#lib/connectors/keylime/index";
import { startVerifier } from "#tests/stubs/keylime-verifier";
import { CANARY, NODE_UID, type RigMaker, rigNode } from "./rig.ts";

export const keylimeRig: RigMaker = {
  connector: keylimeConnector,
  readsAnswers: true,
  async start() {
    const fake = await startVerifier();
    fake.agents.set(NODE_UID, 3).set("3f0c8d2e-3333-4000-8000-000000000003", 3);
    const pem = (what: string) => `-----BEGIN ${what}-----\n${CANARY}\n-----END ${what}-----\n`;
    return {
      fake,
      settings: { url: fake.url },
      secrets: { certificate: pem("CERTIFICATE"), key: pem("PRIVATE KEY") },
      node: rigNode("w1", { agent_uuid: NODE_UID }),
      stranger: rigNode("nobody", { agent_uuid: "3f0c8d2e-2222-4000-8000-000000000002" }),
      prepare(verb) {
        if (verb === "reactivate") fake.agents.set(NODE_UID, 10);
      },
      // The verifier forgets agents that it told to end.
      settle() {
        if (fake.agents.get(NODE_UID) === 8) fake.agents.delete(NODE_UID);
      },
    };
  },
};
