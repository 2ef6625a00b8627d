/** The planted bug of A4 and A5: nothing notices a lone surrogate any more. */

/** Switch the check off for this process. @returns puts it back */
export function plantSurrogates(): () => void {
  const { isWellFormed } = String.prototype;
  String.prototype.isWellFormed = () => true; // the bug
  return () => {
    String.prototype.isWellFormed = isWellFormed;
  };
}
