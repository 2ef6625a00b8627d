/** Forms that a kind of connector, channel or sink describes: their fields, and what is typed into them. */

type Value = string | number | boolean;

/** One field of such a form. */
export type KindField = {
  name: string;
  title: string;
  description: string;
  input: "text" | "url" | "pem" | "number" | "switch" | "choice";
  /** Of a choice. */
  choices: readonly string[];
  /** `null` = none. */
  initial: Value | null;
  required: boolean;
};

/** As text, as inputs hold it; switches as they are. */
export type KindValues = Readonly<Record<string, string | boolean>>;

export const asTyped = (value: Value): string | boolean =>
  typeof value === "boolean" ? value : String(value);

/** What the kind proposes. */
export const initialValues = (fields: readonly KindField[]): KindValues =>
  Object.fromEntries(fields.map(({ name, initial }) => [name, asTyped(initial ?? "")]));

/** What is set, and what the kind proposes where nothing is. */
export function filledValues(
  fields: readonly KindField[],
  settings: Readonly<Record<string, unknown>>,
): KindValues {
  const given = Object.entries(settings).map(([name, value]) => [
    name,
    typeof value === "boolean" ? value : String(value ?? ""),
  ]);
  return { ...initialValues(fields), ...Object.fromEntries(given) };
}

/** Numbers as numbers; what was left empty although it may be is left to the kind. */
export function typedValues(fields: readonly KindField[], values: KindValues): Record<string, Value> {
  return Object.fromEntries(
    fields.flatMap(({ name, input, required }): [string, Value][] => {
      const value = values[name] ?? "";
      if (value === "" && !required) return [];
      return [[name, input === "number" && value !== "" ? Number(value) : value]];
    }),
  );
}

/** Settings that say where secrets are sent. */
const PLACES = ["url", "host", "port", "security", "ca"] as const;

/** Whether another system would be sent the stored secrets, which the server refuses. */
export function leadsElsewhere(values: KindValues, settings: Readonly<Record<string, unknown>>): boolean {
  return PLACES.some((name) => String(values[name] ?? "") !== String(settings[name] ?? ""));
}
