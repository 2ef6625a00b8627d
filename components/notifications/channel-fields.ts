/** The form of a channel, as its kind describes it. */
import type { ChannelList } from "#lib/contracts/notification";
import type { KindField } from "../forms/kind-values.ts";

export type ChannelKind = ChannelList["kinds"][number];

/** What is asked for openly, and what is typed unseen. */
export function channelFields({ fields }: ChannelKind): { settings: KindField[]; secrets: KindField[] } {
  const of = (secret: boolean) =>
    fields.filter((field) => field.secret === secret).map((field) => kindField(field));
  return { settings: of(false), secrets: of(true) };
}

function kindField({
  name,
  title,
  description,
  options,
  required,
  ...field
}: ChannelKind["fields"][number]): KindField {
  const input = options.length > 0 ? "choice" : "text";
  return { name, title, description, input, choices: options, initial: field.default, required };
}
