/** A SPIRE Server with two agents, over mutual TLS. */
import { spireConnector } from "#lib/connectors/spire/index";
import { newAuthority } from "#tests/stubs/pki";
import { startSpire, stubAgent } from "#tests/stubs/spire";
import { CANARY, type RigMaker, rigNode } from "./rig.ts";

const idOf = (name: string) => `spiffe://td.example/spire/agent/tpm_devid/${name}`;

export const spireRig: RigMaker = {
  connector: spireConnector,
  readsAnswers: true,
  async start() {
    const authority = newAuthority("bundle");
    const own = authority.issueSvid("spiffe://td.example/spire/server");
    const admin = authority.issueSvid("spiffe://td.example/touchstone");
    const stub = await startSpire("", { ca: authority.cert, own });
    stub.agents = [stubAgent("w1"), stubAgent("w2")];
    // What stands between two blocks is no part of them.
    const marked = (pem: string) => `${pem}${CANARY}\n${pem}`;
    return {
      fake: stub,
      settings: { url: stub.url, trustDomain: "td.example", ca: authority.cert },
      secrets: { certificate: marked(admin.cert), key: marked(admin.key) },
      node: rigNode("w1", { spiffe_id: idOf("w1") }),
      stranger: rigNode("nobody", { spiffe_id: idOf("nobody") }),
      prepare(verb) {
        const [agent] = stub.agents;
        if (verb === "delete" && agent) Object.assign(agent, { banned: true, x509svid_serial_number: "" });
      },
      settle: () => {},
    };
  },
};
