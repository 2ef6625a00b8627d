/** Asking the person to prove once more who they are. The shell says how; requests only ask. */

/** @returns whether it was proved */
type Ask = () => Promise<boolean>;

let ask: Ask | null = null;

/** @returns how to take it back */
export function onProofWanted(how: Ask): () => void {
  ask = how;
  return () => {
    if (ask === how) ask = null;
  };
}

export async function proveOnceMore(): Promise<boolean> {
  return (await ask?.()) ?? false;
}
