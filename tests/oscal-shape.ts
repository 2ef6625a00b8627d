/** What the OSCAL documents that we write must look like, in our own words: enough to catch a builder that went wrong. */

type Json = Readonly<Record<string, unknown>>;

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[45][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const TOKEN = /^(\p{L}|_)(\p{L}|\p{N}|[.\-_])*$/u;
const LINE = /^\S(.*\S)?$/u;
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/;
const REFERENCE = /^\S+$/;
const oneOf = (...words: string[]) => new RegExp(`^(${words.join("|")})$`);

/** Form of a text, by the name of its member. */
const FORMS: Readonly<Record<string, RegExp>> = {
  uuid: UUID,
  "actor-uuid": UUID,
  "subject-uuid": UUID,
  "observation-uuid": UUID,
  "risk-uuid": UUID,
  "control-id": TOKEN,
  "target-id": TOKEN,
  name: TOKEN,
  type: TOKEN,
  value: LINE,
  version: LINE,
  href: REFERENCE,
  source: REFERENCE,
  ns: REFERENCE,
  "last-modified": INSTANT,
  start: INSTANT,
  end: INSTANT,
  collected: INSTANT,
  deadline: INSTANT,
  "oscal-version": oneOf("1\\.2\\.2"),
  reason: oneOf("pass", "fail", "other"),
};

/** Members that things in a list, or under a name, must have and may have. */
const SHAPES: Readonly<Record<string, readonly [required: string, optional: string]>> = {
  "assessment-results": ["uuid metadata import-ap results", "back-matter"],
  "component-definition": ["uuid metadata", "components back-matter"],
  metadata: ["title last-modified version oscal-version", "props"],
  "import-ap": ["href", "remarks"],
  results: [
    "uuid title description start reviewed-controls",
    "end local-definitions observations risks findings remarks",
  ],
  "reviewed-controls": ["control-selections", ""],
  "control-selections": ["include-controls", ""],
  "include-controls": ["control-id", ""],
  "local-definitions": ["", "components inventory-items"],
  "inventory-items": ["uuid description", "props"],
  components: ["uuid type title description", "status control-implementations"],
  "control-implementations": ["uuid source description implemented-requirements", ""],
  "implemented-requirements": ["uuid control-id description", ""],
  observations: [
    "uuid description methods collected",
    "title props types origins subjects relevant-evidence remarks",
  ],
  origins: ["actors", ""],
  actors: ["type actor-uuid", ""],
  subjects: ["subject-uuid type", ""],
  "relevant-evidence": ["description", "href"],
  risks: ["uuid title description statement status", "props deadline"],
  findings: ["uuid title description target", "related-observations related-risks"],
  target: ["type target-id status", ""],
  "related-observations": ["observation-uuid", ""],
  "related-risks": ["risk-uuid", ""],
  "back-matter": ["", "resources"],
  resources: ["uuid", "title description props document-ids"],
  "document-ids": ["identifier", "scheme"],
  props: ["name value", "ns"],
};

/** Values of a member, by what it is a member of. */
const WORDS: Readonly<Record<string, readonly string[]>> = {
  "target/status/state": ["satisfied", "not-satisfied"],
  "target/type": ["statement-id", "objective-id"],
  "risks/status": ["open", "investigating", "remediating", "deviation-approved", "closed"],
  methods: ["EXAMINE", "INTERVIEW", "TEST"],
};

const isJson = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** What is wrong with a document, one line each; empty = nothing was found. */
export function oscalFaults(document: Json): string[] {
  const faults: string[] = [];
  const defined = new Set<string>();
  const pointed: { path: string; uuid: string }[] = [];

  const visitText = (path: string, names: readonly string[], text: string) => {
    const name = names.at(-1) ?? "";
    const words = WORDS[names.slice(-3).join("/")] ?? WORDS[names.slice(-2).join("/")] ?? WORDS[name];
    if (words && !words.includes(text)) faults.push(`${path} is ${text}`);
    if (FORMS[name] && !FORMS[name].test(text)) faults.push(`${path} has not its form: ${text}`);
    if (text.trim() === "" || !text.isWellFormed()) faults.push(`${path} is empty or broken`);
    if (name === "uuid") {
      // A component of ours may be told twice; everything else has an id of its own.
      if (defined.has(text)) faults.push(`${path} is there twice`);
      defined.add(text);
    } else if (name.endsWith("-uuid")) pointed.push({ path, uuid: text });
    else if ((name === "href" || name === "source") && text.startsWith("#")) {
      pointed.push({ path, uuid: text.slice(1) });
    }
  };
  const visit = (path: string, names: readonly string[], value: unknown): void => {
    if (Array.isArray(value)) {
      if (value.length === 0) faults.push(`${path} is an empty list`);
      for (const [n, item] of value.entries()) visit(`${path}/${n}`, names, item);
    } else if (isJson(value)) {
      const shape = SHAPES[names.at(-1) ?? ""];
      const [required = "", optional = ""] = shape ?? [];
      const members = Object.keys(value);
      const wanted = required.split(" ").filter((name) => name !== "");
      for (const name of wanted) if (!members.includes(name)) faults.push(`${path}/${name} is missing`);
      const known = [...wanted, ...optional.split(" ")];
      if (shape) {
        for (const name of members) if (!known.includes(name)) faults.push(`${path}/${name} is no member`);
      }
      for (const name of members) visit(`${path}/${name}`, [...names, name], value[name]);
    } else if (typeof value === "string") visitText(path, names, value);
    else faults.push(`${path} is ${String(value)}`);
  };

  visit("", [], document);
  const roots = Object.keys(document);
  if (roots.length !== 1 || !roots.every((root) => root in SHAPES))
    faults.push(`the root is ${roots.join(", ")}`);
  for (const { path, uuid } of pointed)
    if (!defined.has(uuid)) faults.push(`${path} points at nothing: ${uuid}`);
  return faults;
}
