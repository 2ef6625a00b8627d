/** The fonts that reports for paper embed, opened; PDFKit embeds what is used of them. */
import { create, type Font, type Glyph } from "fontkit";
import { type FaceName, fontFile } from "./font-files.ts";
import { sfntOf } from "./sfnt.ts";

export type Face = {
  name: FaceName;
  /** As `PDFDocument.registerFont` takes it; it lays signs out one after the other. */
  font: Font;
  has: (code: number) => boolean;
  /** Of one sign that it has, in the size 1. */
  widthOf: (code: number) => number;
};

const faces = new Map<FaceName, Face>();

/** Read when it is first wanted, and kept: 1 MB each, and 12 MB of Unifont. */
export function faceOf(name: FaceName): Face {
  const known = faces.get(name);
  if (known) return known;
  const face = readFace(name);
  faces.set(name, face);
  return face;
}

function readFace(name: FaceName): Face {
  const font = create(sfntOf(fontFile(name))) as Font;
  const scale = 1_000 / font.unitsPerEm;
  const signs = new Map<number, Sign>();
  const signOf = (code: number): Sign => {
    const known = signs.get(code);
    if (known) return known;
    const glyph = font.glyphForCodePoint(code);
    const sign = { glyph, place: new Place(glyph.advanceWidth * scale) };
    signs.set(code, sign);
    return sign;
  };
  return {
    name,
    font: Object.create(font, { layout: { value: (text: string) => laidOut(signOf, text) } }) as Font,
    has: (code) => font.hasGlyphForCodePoint(code),
    widthOf: (code) => signOf(code).place.xAdvance / 1_000,
  };
}

/** Where a glyph stands: as far along as it is wide, in thousandths of the size. */
class Place {
  readonly #width: number;
  constructor(width: number) {
    this.#width = width;
  }
  get xAdvance(): number {
    return this.#width;
  }
  get advanceWidth(): number {
    return this.#width;
  }
  /** PDFKit scales the places of every line; these are scaled already, and all lines share them. */
  set advanceWidth(_scaled: number) {}
}

type Sign = { glyph: Glyph; place: Place };

/**
 * One glyph for each sign, as wide as it is. What a shaping engine does for beauty takes three quarters of the time of
 * a long report, or, when its results are kept, more memory than all of the rest.
 */
function laidOut(signOf: (code: number) => Sign, text: string) {
  const [glyphs, positions]: [Glyph[], Place[]] = [[], []];
  let advanceWidth = 0;
  for (const one of text) {
    const { glyph, place } = signOf(one.codePointAt(0) ?? 0);
    glyphs.push(glyph);
    positions.push(place);
    advanceWidth += place.xAdvance;
  }
  return { glyphs, positions, advanceWidth };
}
