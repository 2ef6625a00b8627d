/** A guard of the product, as the list of all of them names it. */
export type Guard = {
  name: string;
  file: string;
  /** Stands in the file exactly once. */
  guard: string;
  without: string;
  test: string;
};

export const guard = (name: string, file: string, text: string, without: string, test: string): Guard => ({
  ...{ name, file, guard: text, without, test },
});

/** In place of a condition that refuses. */
export const gone = "if (false as boolean)";
