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

/** As much of the text as fits into the width; what is left out is marked. */
export function shortened(doc: Measuring, text: string, width: number): string {
  const shown = printable(text);
  if (doc.widthOfString(shown) <= width) return shown;
  let [fits, tooLong] = [0, shown.length];
  while (tooLong - fits > 1) {
    const middle = Math.floor((fits + tooLong) / 2);
    if (doc.widthOfString(`${shown.slice(0, middle)}…`) <= width) fits = middle;
    else tooLong = middle;
  }
  return `${shown.slice(0, fits)}…`;
}
