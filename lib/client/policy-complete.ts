/** What can be written next at a place in the text of a policy. */
import type { PolicySchemaView } from "#lib/contracts/policy";

export type Suggestion = {
  /** What is put in. */
  text: string;
  detail: string;
};

export type Completion = {
  /** Where the word begins that a suggestion takes the place of; it ends at the caret. */
  from: number;
  items: readonly Suggestion[];
};

const KEYS: readonly Suggestion[] = [
  { text: "name: ", detail: "of the policy, or of a test" },
  { text: "description: ", detail: "what the policy is for" },
  { text: "rules:", detail: "asked from the top; the first that holds decides" },
  { text: "tests:", detail: "facts, and what must be made of them" },
  { text: "id: ", detail: "name of the rule" },
  { text: "when: ", detail: "CEL: whether the rule holds" },
  { text: "status: ", detail: "what the node then is" },
  { text: "reason: ", detail: "CEL: the sentence that is shown" },
  { text: "docs: ", detail: "what the rule is for" },
];

/** The names before the caret, joined by dots, and what stands before them. */
const CHAIN = /([\])])?((?:\.?[A-Za-z_]\w*)*\.?)$/;

/**
 * @param caret offset in the text
 * @returns `null` when nothing fits
 */
export function completionAt(text: string, caret: number, schema: PolicySchemaView): Completion | null {
  const line = text.slice(text.lastIndexOf("\n", caret - 1) + 1, caret);
  const [, closing, chain = ""] = CHAIN.exec(line) ?? [];
  const names = chain.split(".");
  const word = names.pop() ?? "";
  const from = caret - word.length;
  const matching = (items: readonly Suggestion[]): Completion | null => {
    const found = items.filter(({ text: put }) => put.startsWith(word) && put !== word);
    return found.length === 0 ? null : { from, items: found };
  };
  if (/^\s*(- )?status:\s*\w*$/.test(line)) {
    return matching(schema.statuses.map((status) => ({ text: status, detail: "status" })));
  }
  if (chain.includes(".")) {
    if (closing !== undefined || names[0] === "") return matching(membersOf(null, schema));
    const type = typeOf(names, text.slice(0, caret), schema);
    return type === null ? null : matching(membersOf(type, schema));
  }
  const begins = /^\s*(- )?\w*$/.test(line);
  return matching([...rootsOf(text.slice(0, caret), schema), ...(begins ? KEYS : [])]);
}

/** What stands at the beginning of an expression: facts, loop variables and functions. */
function rootsOf(before: string, schema: PolicySchemaView): Suggestion[] {
  const facts = schema.facts.map(({ name, type, about }) => ({ text: name, detail: `${type}: ${about}` }));
  const loops = [...loopsOf(before, schema)].map(([text, type]) => ({ text, detail: type }));
  return [...facts, ...loops, ...callsOf((receiver) => receiver === null, schema)];
}

/** Fields and methods of a type; of every type when it is not known. */
function membersOf(type: string | null, schema: PolicySchemaView): Suggestion[] {
  const holds = ({ type: own }: { type: string }) =>
    type === null || (!type.startsWith("list<") && (own === type || elementOf(own) === type));
  const fields = schema.facts
    .filter(holds)
    .flatMap((fact) =>
      fact.fields.map(({ name, type: of, about }) => ({ text: name, detail: `${of}: ${about}` })),
    );
  const methods = callsOf(
    (receiver) => receiver !== null && (type === null || takes(receiver, type)),
    schema,
  );
  const known = new Set<string>();
  return [...fields, ...methods].filter(({ text }) => !known.has(text) && known.add(text));
}

const SIGNATURE = /^(?:(.+)\.)?([a-z]\w*)\((.*)\): (.+)$/;

/** Functions, or methods of some receivers, each once; those of times and bytes no fact has. */
function callsOf(wanted: (receiver: string | null) => boolean, schema: PolicySchemaView): Suggestion[] {
  const known = new Map<string, Suggestion>();
  for (const { signature, about } of schema.functions) {
    const [, receiver = null, name = "", , returns] = SIGNATURE.exec(signature) ?? [];
    if (name === "" || !wanted(receiver) || known.has(name)) continue;
    known.set(name, {
      text: `${name}(`,
      detail: about ?? `${signature.replace(/ast/g, "…")}, gives ${returns}`,
    });
  }
  return [...known.values()];
}

function takes(receiver: string, type: string): boolean {
  if (receiver === type) return true;
  if (receiver === "list<dyn>") return type.startsWith("list<");
  return receiver.startsWith("map<") && type.startsWith("map<");
}

/** The type of `a.b.c`; `null` = there is no such thing. */
function typeOf(names: readonly string[], before: string, schema: PolicySchemaView): string | null {
  const [root = "", ...rest] = names;
  const fact = schema.facts.find(({ name }) => name === root);
  let type = fact?.type ?? loopsOf(before, schema).get(root) ?? null;
  for (const name of rest) {
    const of = schema.facts.find((one) => one.type === type || elementOf(one.type) === type);
    const field = type?.startsWith("list<") ? undefined : of?.fields.find((one) => one.name === name);
    type = field?.type ?? (type?.startsWith("map<") ? "string" : null);
  }
  return type;
}

/** The variables that `lanes.exists(l, …` binds before the caret, the nearest one counting. */
function loopsOf(before: string, schema: PolicySchemaView): Map<string, string> {
  const loops = new Map<string, string>();
  for (const [, list = "", name = ""] of before.matchAll(/\b(\w+)\.\w+\(\s*([A-Za-z_]\w*)\s*,/g)) {
    const element = elementOf(schema.facts.find((fact) => fact.name === list)?.type ?? "");
    if (element !== null) loops.set(name, element);
  }
  return loops;
}

const elementOf = (type: string): string | null => /^list<(\w+)>$/.exec(type)?.[1] ?? null;
