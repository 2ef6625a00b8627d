/** Labels: what operators call a machine by. Pure. */

export const LABEL_LIMITS = { labels: 32, valueChars: 200 } as const;

/** Like a Kubernetes label, so that names can be carried over: `role`, `topology.kubernetes.io/zone`. */
const NAME = /^[A-Za-z0-9](?:[A-Za-z0-9._/-]{0,98}[A-Za-z0-9])?$/;
/** Names that code treats as something other than a key of a map. */
const RESERVED: ReadonlySet<string> = new Set(["__proto__", "constructor", "prototype"]);
const CONTROL = /\p{Cc}/u;

export type Labels = Readonly<Record<string, string>>;

/** What is to be changed: a text sets a label, `null` takes it away, others stay. */
export type LabelPatch = Readonly<Record<string, string | null>>;

export type LabelRefusal = { name: string; detail: string };

/** What is wrong with a patch by itself; `null` when nothing is. */
export function refuseLabels(patch: LabelPatch): LabelRefusal | null {
  for (const [name, value] of Object.entries(patch)) {
    if (RESERVED.has(name) || !NAME.test(name)) {
      return { name, detail: "A label's name has 1 to 100 letters, digits, dots, dashes or slashes." };
    }
    if (value === null) continue;
    if (
      value === "" ||
      value.length > LABEL_LIMITS.valueChars ||
      CONTROL.test(value) ||
      !value.isWellFormed()
    ) {
      return {
        name,
        detail: `A label's value has 1 to ${LABEL_LIMITS.valueChars} characters and no control characters.`,
      };
    }
  }
  return null;
}

/** The labels after a patch, by name. The caller checks their number. */
export function patchLabels(labels: Labels, patch: LabelPatch): Labels {
  const after = new Map(Object.entries(labels));
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) after.delete(name);
    else after.set(name, value);
  }
  return Object.fromEntries([...after].sort(([a], [b]) => (a < b ? -1 : 1)));
}
