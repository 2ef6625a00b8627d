/** What the tolerances of a baseline mean, in words. */
import { type BaselineContent, STRICT, type Tolerance } from "./baseline.ts";
import { LAYERS, type Layer } from "./layers.ts";

/** Names of layers as sentences begin with them. */
export const LAYER_NAMES: Readonly<Record<Layer, string>> = {
  firmware: "Firmware",
  boot: "Boot chain",
  secure_boot: "Secure Boot",
  kernel: "Kernel",
  cmdline: "Kernel command line",
  ima_file: "Files",
  container_runtime: "Container runtime",
  image: "Image",
  config: "Configuration",
  role: "Role",
};

const EFFECTS: Readonly<Record<Tolerance["unexplained"], string>> = {
  fail: "fails the node",
  degrade: "degrades the node",
  note: "is noted and changes no status",
};

/** One layer's tolerance as a sentence. */
export function toleranceSentence(layer: Layer, tolerance: Tolerance): string {
  const { unexplained, added, removed, values } = tolerance;
  const parts = [
    `an unexplained difference ${EFFECTS[unexplained]}`,
    values === "newer"
      ? "a newer version number than an accepted one is an upgrade"
      : "values must be exactly the accepted ones",
    extraAndMissing(added, removed),
  ];
  return `${LAYER_NAMES[layer]}: ${parts.join("; ")}.`;
}

function extraAndMissing(added: Tolerance["added"], removed: Tolerance["removed"]): string {
  if (added === removed) {
    return added === "drift"
      ? "what is added or missing is a difference"
      : "what is added or missing is tolerated";
  }
  return added === "tolerated"
    ? "what is added is tolerated, what is missing is a difference"
    : "what is added is a difference, what is missing is tolerated";
}

/** All tolerances that differ from the strict default, and what holds for the rest. */
export function toleranceSentences({ tolerances }: Pick<BaselineContent, "tolerances">): string[] {
  const stated = LAYERS.filter((layer) => tolerances[layer] !== undefined);
  const sentences = stated.map((layer) => toleranceSentence(layer, tolerances[layer] ?? STRICT));
  const rest = stated.length === 0 ? "All layers" : stated.length < LAYERS.length ? "All other layers" : null;
  if (rest !== null) {
    sentences.push(
      `${rest}: an unexplained difference degrades the node; values must be exactly the accepted ones; what is added or missing is a difference.`,
    );
  }
  return sentences;
}

/** What a version speaks for completely, as a sentence. */
export function scopeSentence({ scope }: Pick<BaselineContent, "scope">): string {
  if (scope.length === 0) return "Only the listed paths are compared.";
  if (scope.includes(""))
    return "Everything that is measured is compared; what is not listed is an addition.";
  return `Everything below ${scope.join(", ")} is compared; what is not listed there is an addition.`;
}
