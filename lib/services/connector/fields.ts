/** The form of a kind of connector, from the schemas that check what comes back. */
import { z } from "zod";
import type { Connector } from "#lib/connectors/contract";
import type { ConnectorField, ConnectorKindView } from "#lib/contracts/connector";

/** What of a JSON schema a field is made of. */
const Property = z.object({
  type: z.enum(["string", "integer", "number", "boolean"]),
  title: z.string().default(""),
  description: z.string().default(""),
  format: z.string().optional(),
  enum: z.array(z.string()).optional(),
  default: z.union([z.string(), z.number(), z.boolean()]).optional(),
});
const Flat = z.object({
  properties: z.record(z.string(), Property).default({}),
  required: z.array(z.string()).default([]),
});

/** @throws when the schema is not a flat object of texts, numbers and switches */
export function fieldsOf(schema: z.ZodType): ConnectorField[] {
  const { properties, required } = Flat.parse(z.toJSONSchema(schema, { io: "input" }));
  return Object.entries(properties).map(([name, property]) => ({
    name,
    title: property.title || name,
    description: property.description,
    input: inputOf(property),
    choices: property.enum ?? [],
    initial: property.default ?? null,
    required: required.includes(name),
  }));
}

function inputOf({ type, format, enum: choices }: z.output<typeof Property>): ConnectorField["input"] {
  if (type === "boolean") return "switch";
  if (type !== "string") return "number";
  if (choices) return "choice";
  return format === "uri" ? "url" : format === "pem" ? "pem" : "text";
}

/** Names of the settings that say who is talked to: secrets were given for that one, and for nobody else. */
export function destinationNames(kind: Connector): string[] {
  return fieldsOf(kind.settings)
    .filter(({ input }) => input === "url" || input === "pem")
    .map(({ name }) => name);
}

export function kindView({ kind, label, guide, settings, secrets, verbs }: Connector): ConnectorKindView {
  return {
    kind,
    label,
    guide,
    settings: fieldsOf(settings),
    secrets: fieldsOf(secrets),
    verbs: Object.entries(verbs).map(([verb, { words, destructive, undo }]) => ({
      verb,
      words,
      destructive,
      undo,
    })),
  };
}
