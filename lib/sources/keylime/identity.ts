import type { NodeIdentity } from "#lib/domain/verdict";

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Usually a UUID; Keylime also lets operators use a host name or a hash of the EK. */
export function identityOf(agentId: string): NodeIdentity {
  return { kind: UUID.test(agentId) ? "agent_uuid" : "custom", value: agentId };
}
