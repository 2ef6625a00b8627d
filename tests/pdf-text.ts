/** What a PDF says, as whoever extracts its text gets it: by what its fonts say that their glyphs stand for. */
import { inflateSync } from "node:zlib";

export type FontOfPdf = {
  /** With the tag of its part before it, `ABCDEF+Name`. */
  name: string;
  /** Bytes of the part that is embedded; 0 = it is not. */
  embedded: number;
  signOf: ReadonlyMap<number, string>;
};

type Objects = ReadonlyMap<string, { text: string; stream: Buffer }>;

/** Objects by their numbers. Streams are as long as they say, whatever stands in them. */
function objectsOf(pdf: Buffer): Objects {
  const raw = pdf.toString("latin1");
  const objects = new Map<string, { text: string; stream: Buffer }>();
  const begin = /^(\d+) 0 obj\n([\s\S]*?)^(stream|endobj)\n/gm;
  for (let found = begin.exec(raw); found; found = begin.exec(raw)) {
    const [, id = "", text = "", end] = found;
    const length = end === "stream" ? Number(/\/Length (\d+)/.exec(text)?.[1] ?? 0) : 0;
    objects.set(id, { text, stream: pdf.subarray(begin.lastIndex, begin.lastIndex + length) });
    begin.lastIndex += length;
  }
  return objects;
}

/** Fonts by the names that pages call them. */
export function fontsOf(pdf: Buffer): Map<string, FontOfPdf> {
  const objects = objectsOf(pdf);
  const ref = (from: string, key: string) =>
    objects.get(new RegExp(`/${key} \\[?(\\d+) 0 R`).exec(from)?.[1] ?? "");
  const fonts = new Map<string, FontOfPdf>();
  for (const [, name = "", id = ""] of [...objects.values()].flatMap(({ text }) => [
    ...text.matchAll(/\/(F\d+) (\d+) 0 R/g),
  ])) {
    const font = objects.get(id)?.text ?? "";
    const part = ref(
      ref(ref(font, "DescendantFonts")?.text ?? "", "FontDescriptor")?.text ?? "",
      "FontFile2",
    );
    const map = ref(font, "ToUnicode")?.stream;
    fonts.set(name, {
      name: /\/BaseFont \/(\S+)/.exec(font)?.[1] ?? "",
      embedded: part ? inflateSync(part.stream).length : 0,
      signOf: map ? signsOf(inflateSync(map).toString("latin1")) : new Map(),
    });
  }
  return fonts;
}

/** From its map to Unicode: ranges of glyphs, each with a list of signs in UTF-16. */
function signsOf(map: string): Map<number, string> {
  const signs = new Map<number, string>();
  for (const [, from = "", list = ""] of map.matchAll(/<([0-9a-f]{4})> <[0-9a-f]{4}> \[([^\]]*)\]/g))
    for (const [index, [, hex = ""]] of [...list.matchAll(/<([0-9a-f ]*)>/g)].entries())
      signs.set(
        Number.parseInt(from, 16) + index,
        Buffer.from(hex.replaceAll(" ", ""), "hex").swap16().toString("utf16le"),
      );
  return signs;
}

/** Everything that the pages show, one piece of writing per line. */
export function textOf(pdf: Buffer): string {
  const fonts = fontsOf(pdf);
  const shown: string[] = [];
  for (const { text, stream } of objectsOf(pdf).values()) {
    if (stream.length === 0 || /\/Length1|\/Subtype/.test(text)) continue;
    let font: FontOfPdf | undefined;
    for (const [, named, line = ""] of inflateSync(stream)
      .toString("latin1")
      .matchAll(/\/(F\d+) \S+ Tf|\[([^\]]*)\] TJ/g)) {
      if (named !== undefined) font = fonts.get(named);
      else shown.push([...line.matchAll(/<([0-9a-f]*)>/g)].map(([, hex = ""]) => signs(font, hex)).join(""));
    }
  }
  return shown.join("\n");
}

const signs = (font: FontOfPdf | undefined, hex: string) =>
  (hex.match(/.{4}/g) ?? [])
    .map((glyph) => font?.signOf.get(Number.parseInt(glyph, 16)) ?? "\ufffd")
    .join("");
