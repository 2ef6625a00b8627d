import type { Tree } from "../tree.ts";

/** A rule about the repository that no other tool checks. */
export type Rule = {
  readonly name: string;
  /** Told with every finding, so that the fix follows from the message. */
  readonly why: string;
  /** One line per violation, beginning with the path. */
  find(tree: Tree): string[];
};
