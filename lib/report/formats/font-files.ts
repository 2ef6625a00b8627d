/**
 * The fonts that reports for paper embed: DejaVu Sans for what it has (Latin, Greek, Cyrillic and more), Unifont for
 * the other scripts of the world as it has them, among them Chinese, Japanese and Korean. Both are free to embed.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";

const FILES = {
  body: "dejavu-sans/files/dejavu-sans-latin-400-normal.woff",
  bold: "dejavu-sans/files/dejavu-sans-latin-700-normal.woff",
  other: "unifont/files/unifont-latin-400-normal.woff",
} as const;
export type FaceName = keyof typeof FILES;

/** A font as WOFF, from below where the product runs: what is bundled does not know where it came from. */
export const fontFile = (name: FaceName): Buffer =>
  readFileSync(join(process.cwd(), "node_modules/@fontsource", FILES[name]));
