/** Text for fonts that know the signs of western Europe only. */

/** What the standard fonts show beyond Latin-1: their encoding is WinAnsi. */
const BEYOND = "€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ";
const LONGEST = 4_000;

/** The text with every sign that the fonts lack, or that cannot be seen, written as its number. */
export function printable(text: string): string {
  let shown = "";
  for (const sign of text.toWellFormed()) {
    if (shown.length > LONGEST) return `${shown}…`;
    shown += isShown(sign) ? sign : `\\u{${sign.codePointAt(0)?.toString(16)}}`;
  }
  return shown;
}

function isShown(sign: string): boolean {
  const code = sign.codePointAt(0) ?? 0;
  return (
    (code >= 0x20 && code <= 0x7e) || (code >= 0xa1 && code <= 0xff && code !== 0xad) || BEYOND.includes(sign)
  );
}

type Measuring = { widthOfString: (text: string) => number };

/**
 * Cuts texts to widths in the font that is set when it is made.
 *
 * Each sign is measured once and widths are added up, without the little that pairs of signs move together: asking the
 * font for every text that may fit takes half of the time that a long report takes.
 */
export function cutter(doc: Measuring): (text: string, width: number) => string {
  const widths = new Map<string, number>();
  const widthOf = (sign: string): number => {
    const known = widths.get(sign);
    if (known !== undefined) return known;
    const measured = doc.widthOfString(sign);
    widths.set(sign, measured);
    return measured;
  };
  const mark = widthOf("…");
  return (text, width) => {
    const shown = printable(text);
    let [end, fits, taken] = [0, 0, 0];
    for (const sign of shown) {
      taken += widthOf(sign);
      if (taken > width) return `${shown.slice(0, fits)}…`;
      end += sign.length;
      if (taken + mark <= width) fits = end;
    }
    return shown;
  };
}
