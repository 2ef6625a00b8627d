/** What a form asks for a channel of some kind, from the schemas of the kind. */
import { z } from "zod";
import type { ChannelList } from "#lib/contracts/notification";
import type { Channel } from "#lib/notify/contract";

type Field = ChannelList["kinds"][number]["fields"][number];
type Property = { title?: string; description?: string; enum?: string[]; default?: unknown };

export function kindView(channel: Channel): ChannelList["kinds"][number] {
  const { kind, label, settings, secrets } = channel;
  return { kind, label, fields: [...fieldsOf(settings, false), ...fieldsOf(secrets, true)] };
}

function fieldsOf(schema: z.ZodType, secret: boolean): Field[] {
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
    secret,
    required: required.includes(name),
    options: property.enum ?? [],
    default: property.default === undefined ? "" : String(property.default),
  }));
}

/** Names of the secrets of a kind. */
export function secretNames({ secrets }: Channel): string[] {
  return fieldsOf(secrets, true).map(({ name }) => name);
}
