import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { DRIFT_CLASSES, type DriftClass } from "./drift.ts";
import { RULES } from "./drift-rules.ts";
import { DEFAULT_SETTINGS } from "./drift-settings.ts";
import { LAYERS, type Layer } from "./layers.ts";
import { RULES_BEHIND_WINDOW, WINDOW_LIMITS } from "./maintenance.ts";

const guide = readFileSync(join(import.meta.dirname, "../../docs/guide/drift.md"), "utf8");

const CLASS: Record<DriftClass, string> = {
  authorised: "authorised",
  benign: "benign",
  unexplained: "unexplained",
  malicious_like: "malicious-like",
};

const LAYER: Record<Layer, string> = {
  firmware: "firmware",
  boot: "boot chain",
  secure_boot: "Secure Boot",
  kernel: "kernel",
  cmdline: "kernel command line",
  ima_file: "files (IMA)",
  container_runtime: "container runtime",
  image: "image",
  config: "configuration",
  role: "role",
};

const RULE_TABLE = [
  "| rule | class | decides when |",
  "|---|---|---|",
  ...RULES.map((rule) => `| \`${rule.id}\` | ${CLASS[rule.class]} | ${rule.says} |`),
].join("\n");

const never = (at: number | null) => (at === null ? "never" : String(at));
const SETTINGS_TABLE = [
  "| layer | unexplained | malicious-like | benign | authorised | degrades from | fails from |",
  "|---|---|---|---|---|---|---|",
  ...LAYERS.map((layer) => {
    const { weights, degradeAt, failAt } = DEFAULT_SETTINGS[layer];
    const { unexplained, malicious_like: malicious, benign, authorised } = weights;
    return `| ${LAYER[layer]} | ${unexplained} | ${malicious} | ${benign} | ${authorised} | ${never(degradeAt)} | ${never(failAt)} |`;
  }),
].join("\n");

const DAY_MS = 86_400_000;

describe("the guide of drift", () => {
  it("has every rule in the order of the code", () => expect(guide).toContain(RULE_TABLE));

  it("has the built-in weights and thresholds", () => expect(guide).toContain(SETTINGS_TABLE));

  it("has every class", () => {
    for (const cls of DRIFT_CLASSES) expect(guide).toContain(`**${CLASS[cls]}**`);
  });

  it("has the limits of a maintenance window and the rules that one comes before", () => {
    expect(guide).toContain(`lasts ${WINDOW_LIMITS.lengthMs / DAY_MS} days at most`);
    expect(guide).toContain(`begins within ${WINDOW_LIMITS.aheadMs / DAY_MS} days`);
    expect(guide).toContain(`${WINDOW_LIMITS.live} windows`);
    const behind = [...RULES_BEHIND_WINDOW].map((id) => `\`${id}\``).join(", ");
    expect(guide).toContain(`(${behind})`);
  });
});
