/** The part of SPIRE Server's agent API (`spire.api.server.agent.v1`) that is spoken here. */
import { fromJSON } from "@grpc/proto-loader";

const text = (id: number) => ({ type: "string", id });
const flag = (id: number) => ({ type: "bool", id });

type Namespace = Parameters<typeof fromJSON>[0];

/** `spire.api.types`, with the members' numbers. What is not named is skipped when read and never sent. */
const TYPES: Namespace = {
  nested: {
    SPIFFEID: { fields: { trustDomain: text(1), path: text(2) } },
    Selector: { fields: { type: text(1), value: text(2) } },
    Agent: {
      fields: {
        id: { type: "SPIFFEID", id: 1 },
        attestationType: text(2),
        serial: text(3),
        expiresAt: { type: "int64", id: 4 },
        selectors: { rule: "repeated", type: "Selector", id: 5 },
        banned: flag(6),
        canReattest: flag(7),
      },
    },
    AgentMask: {
      fields: {
        attestationType: flag(2),
        serial: flag(3),
        expiresAt: flag(4),
        selectors: flag(5),
        banned: flag(6),
        canReattest: flag(7),
      },
    },
  },
};

/** `spire.api.server.agent.v1`. */
const AGENT_V1: Namespace = {
  nested: {
    ListAgentsRequest: {
      fields: {
        outputMask: { type: "spire.api.types.AgentMask", id: 2 },
        pageSize: { type: "int32", id: 3 },
        pageToken: text(4),
      },
    },
    ListAgentsResponse: {
      fields: {
        agents: { rule: "repeated", type: "spire.api.types.Agent", id: 1 },
        nextPageToken: text(2),
      },
    },
    GetAgentRequest: {
      fields: {
        id: { type: "spire.api.types.SPIFFEID", id: 1 },
        outputMask: { type: "spire.api.types.AgentMask", id: 2 },
      },
    },
    BanAgentRequest: { fields: { id: { type: "spire.api.types.SPIFFEID", id: 1 } } },
    DeleteAgentRequest: { fields: { id: { type: "spire.api.types.SPIFFEID", id: 1 } } },
    // google.protobuf.Empty: a message without members, whatever it is called.
    Nothing: { fields: {} },
    Agent: {
      methods: {
        ListAgents: {
          requestType: "ListAgentsRequest",
          responseType: "ListAgentsResponse",
          comment: "Pages of agents; the caller must be local or an administrator.",
        },
        GetAgent: {
          requestType: "GetAgentRequest",
          responseType: "spire.api.types.Agent",
          comment: "One agent.",
        },
        BanAgent: {
          requestType: "BanAgentRequest",
          responseType: "Nothing",
          comment: "Stays out until it is deleted.",
        },
        DeleteAgent: {
          requestType: "DeleteAgentRequest",
          responseType: "Nothing",
          comment: "Forgets it, banned or not: it may attest again.",
        },
      },
    },
  },
};

const within = (name: string, namespace: Namespace): Namespace => ({ nested: { [name]: namespace } });
const API: Namespace = {
  nested: { types: TYPES, ...within("server", within("agent", within("v1", AGENT_V1))).nested },
};

/** A call's path, and how its messages become bytes. `decode` throws at bytes that are no such message. */
export type Method = {
  path: string;
  encode: (request: object) => Uint8Array;
  decode: (answer: Uint8Array) => unknown;
};

const SERVICE = "spire.api.server.agent.v1.Agent";
const definitions = fromJSON(within("spire", within("api", API)), {
  longs: String,
  defaults: true,
  arrays: true,
});

function methodOf(name: string): Method {
  const service = definitions[SERVICE];
  const method = service !== undefined && !("format" in service) ? service[name] : undefined;
  if (method === undefined) throw new Error(`${SERVICE} has no ${name}`);
  const { path, requestSerialize, responseDeserialize } = method;
  return { path, encode: requestSerialize, decode: (answer) => responseDeserialize(Buffer.from(answer)) };
}

export const LIST_AGENTS = methodOf("ListAgents");
export const GET_AGENT = methodOf("GetAgent");
export const BAN_AGENT = methodOf("BanAgent");
export const DELETE_AGENT = methodOf("DeleteAgent");

/** Every status of gRPC, by number. */
const STATUS_NAMES = [
  ...["OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS"],
  ...["PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE"],
  ...["UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED"],
] as const;

export const statusName = (status: number): string => STATUS_NAMES[status] ?? String(status);

const TRANSIENT = new Set(["CANCELLED", "UNKNOWN", "DEADLINE_EXCEEDED", "ABORTED", "UNAVAILABLE"]);

/** Whether asking again may help. */
export const isTransientStatus = (status: number): boolean => TRANSIENT.has(statusName(status));
