/** SPIRE: bans a node's agent, and deletes it once the node was rebuilt. */
import { connectorOf, must, note } from "#lib/connectors/shared/verbs";
import { BAN } from "./ban.ts";
import { DELETE } from "./delete.ts";
import { agentsOf, hasAgents, READS, Secrets, Settings } from "./server.ts";

export const spireConnector = connectorOf<Settings, Secrets>({
  kind: "spire",
  label: "SPIRE Server",
  guide: "connector-spire",
  settings: Settings,
  secrets: Secrets,
  reads: READS,
  async test(ctx) {
    const any = await hasAgents(ctx);
    return [
      must("The server takes us for an administrator", true, "it lists its agents"),
      note("It has agents", any, any ? `of ${ctx.settings.trustDomain}` : "none yet"),
    ];
  },
  targetOf({ identities }, settings) {
    const agents = agentsOf(settings);
    const ref = identities.find(({ kind, value }) => kind === "spiffe_id" && value.startsWith(agents))?.value;
    return ref === undefined ? null : { ref, words: `agent ${ref}`, uid: null };
  },
  verbs: { ban: BAN, delete: DELETE },
});
