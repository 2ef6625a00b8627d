/** What the OCSF events that we emit must look like, in our own words: enough to catch a builder that went wrong. */

type Rule = {
  category: number;
  activities: readonly number[];
  /** Members that must be there, by path. */
  required: readonly string[];
  /** At least one of each group. */
  oneOf?: readonly (readonly string[])[];
  /** Allowed numbers, by path. */
  numbers?: Readonly<Record<string, readonly number[]>>;
};

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);
const COMMON = [
  "activity_id",
  "category_uid",
  "class_uid",
  "type_uid",
  "severity_id",
  "time",
  "message",
  "metadata.version",
  "metadata.product.name",
  "metadata.uid",
];
const RESULT = { status_id: [0, 1, 2, 99] };

const RULES: Readonly<Record<number, Rule>> = {
  0: { category: 0, activities: [0, 99], required: [] },
  2003: {
    category: 2,
    activities: [1],
    required: ["finding_info.uid", "compliance.control", "compliance.standards", "compliance.checks"],
    numbers: { status_id: [0, 1, 2, 3, 4, 5, 6, 99], "compliance.status_id": [1, 2, 3, 99] },
  },
  2004: {
    category: 2,
    activities: [1, 2, 3],
    required: ["finding_info.uid", "finding_info.analytic.type_id"],
    numbers: { status_id: [0, 1, 2, 3, 4, 5, 6, 99], "finding_info.analytic.type_id": range(0, 11) },
  },
  3002: {
    category: 3,
    activities: range(1, 7),
    required: ["user"],
    oneOf: [["service", "dst_endpoint"]],
    numbers: RESULT,
  },
  3004: {
    category: 3,
    activities: range(1, 13),
    required: ["entity.type_id", "entity.device.type_id"],
    numbers: { ...RESULT, "entity.type_id": range(0, 7) },
  },
  3005: { category: 3, activities: [1, 2], required: ["user", "privileges"], numbers: RESULT },
  5001: { category: 5, activities: [1, 2], required: ["device.type_id"] },
  5019: {
    category: 5,
    activities: [1, 2],
    required: ["device.type_id"],
    numbers: { security_level_id: [0, 1, 2, 3], prev_security_level_id: [0, 1, 2, 3] },
  },
  6003: {
    category: 6,
    activities: range(1, 4),
    required: ["actor.user", "api.operation", "src_endpoint"],
    oneOf: [["src_endpoint.ip", "src_endpoint.name"]],
    numbers: RESULT,
  },
  7001: {
    category: 7,
    activities: range(1, 5),
    required: ["command_uid"],
    numbers: { status_id: [0, 1, 2, 3, 4, 5, 6, 99] },
  },
};

/** Members that every class may have, and those of single classes. Others belong into `unmapped`. */
const KNOWN: ReadonlySet<string> = new Set(
  (
    "activity_id activity_name category_uid category_name class_uid class_name type_uid type_name severity_id severity " +
    "time message metadata unmapped status_id status status_code status_detail device actor api src_endpoint resources " +
    "start_time end_time compliance " +
    "user service privileges entity command_uid countermeasures finding_info evidences is_alert attestation_list " +
    "security_level_id security_level prev_security_level_id prev_security_level security_states"
  ).split(" "),
);

const at = (event: unknown, path: string): unknown =>
  path
    .split(".")
    .reduce<unknown>(
      (value, name) =>
        value !== null && typeof value === "object" ? (value as Record<string, unknown>)[name] : undefined,
      event,
    );

/** What is wrong with an event, one line each; empty = nothing was found. */
export function ocsfFaults(event: Readonly<Record<string, unknown>>): string[] {
  const rule = RULES[Number(event.class_uid)];
  if (!rule) return [`class ${event.class_uid} is none of ours`];
  const missing = [...COMMON, ...rule.required].filter((path) => at(event, path) === undefined);
  const groups = (rule.oneOf ?? []).filter((paths) => paths.every((path) => at(event, path) === undefined));
  const numbers = Object.entries(rule.numbers ?? {}).filter(([path, allowed]) => {
    const value = at(event, path);
    return value !== undefined && !allowed.includes(value as number);
  });
  const { activity_id: activity, class_uid: uid, type_uid: type, category_uid: category } = event;
  return [
    ...missing.map((path) => `${path} is missing`),
    ...groups.map((paths) => `one of ${paths.join(", ")} is missing`),
    ...numbers.map(([path]) => `${path} is ${at(event, path)}`),
    ...(rule.activities.includes(Number(activity)) ? [] : [`activity_id is ${activity}`]),
    ...(Number(type) === Number(uid) * 100 + Number(activity) ? [] : [`type_uid is ${type}`]),
    ...(category === rule.category ? [] : [`category_uid is ${category}`]),
    ...(range(1, 6).includes(Number(event.severity_id)) ? [] : [`severity_id is ${event.severity_id}`]),
    ...(Number.isSafeInteger(event.time) ? [] : [`time is ${event.time}`]),
    ...Object.keys(event)
      .filter((name) => !KNOWN.has(name))
      .map((name) => `${name} is no member`),
    ...Object.entries(event)
      .filter(([, value]) => value === undefined || value === null)
      .map(([name]) => `${name} is empty`),
  ];
}
