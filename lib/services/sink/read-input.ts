/** What somebody filled in, as the kind of sink reads it. */
import { z } from "zod";
import type { SinkField } from "#lib/contracts/sink";
import { ProblemError } from "#lib/domain/problems";
import type { Sink } from "#lib/sinks/contract";

/** @throws {ProblemError} `request/invalid` for a kind that this version does not know */
export function kindNamed(kinds: readonly Sink[], name: string): Sink {
  const kind = kinds.find((known) => known.kind === name);
  if (kind) return kind;
  const detail = `There is no kind "${name}". Use ${kinds.map((known) => known.kind).join(", ")}.`;
  throw new ProblemError("request/invalid", detail, { pointers: [{ pointer: "#/kind", detail }] });
}

/**
 * The values with the kind's defaults.
 *
 * @throws {ProblemError} `request/invalid`, without a word of the values: some are secrets
 */
export function readValues(
  schema: z.ZodType,
  values: unknown,
  member: "settings" | "secrets",
): Record<string, unknown> {
  const parsed = schema.safeParse(values);
  if (parsed.success) return parsed.data as Record<string, unknown>;
  const pointers = parsed.error.issues.map(({ path, message }) => ({
    pointer: `#/${[member, ...path.map(String)].join("/")}`,
    detail: message,
  }));
  throw new ProblemError("request/invalid", `The ${member} do not fit this kind of sink.`, { pointers });
}

type Property = {
  title?: string;
  description?: string;
  type?: string;
  format?: string;
  enum?: unknown[];
  default?: unknown;
};

/** The fields of a form for a flat object. */
export function fieldsOf(schema: z.ZodType): SinkField[] {
  const { properties = {}, required = [] } = z.toJSONSchema(schema, {
    io: "input",
    unrepresentable: "any",
  }) as {
    properties?: Record<string, Property>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, property]) => ({
    name,
    title: property.title ?? name,
    description: property.description ?? "",
    type: property.enum
      ? "choice"
      : property.format === "pem"
        ? "pem"
        : property.type === "integer" || property.type === "number"
          ? "number"
          : "text",
    choices: (property.enum ?? []).map(String),
    required: required.includes(name),
    initial: property.default === undefined ? "" : String(property.default),
  }));
}
