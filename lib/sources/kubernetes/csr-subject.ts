/** The common name that a certificate request (PKCS #10) asks for. */

const SEQUENCE = 0x30;
const SET = 0x31;
const INTEGER = 0x02;
const OBJECT_ID = 0x06;
const UTF8_STRING = 0x0c;
const PRINTABLE_STRING = 0x13;
const IA5_STRING = 0x16;
/** 2.5.4.3 */
const COMMON_NAME = "550403";

type Element = { tag: number; content: Uint8Array; rest: Uint8Array };

/**
 * Common name of the request in `spec.request` (base64 around PEM).
 *
 * @returns `null` when the text is no request, or its subject has not exactly one common name
 */
export function commonNameOf(request: string): string | null {
  const pem = Buffer.from(request, "base64").toString("latin1");
  const match = /-----BEGIN (?:NEW )?CERTIFICATE REQUEST-----([A-Za-z0-9+/=\s]+)-----END/.exec(pem);
  if (match?.[1] === undefined) return null;
  const outer = read(Buffer.from(match[1], "base64"), SEQUENCE);
  const info = outer && read(outer.content, SEQUENCE);
  const version = info && read(info.content, INTEGER);
  const subject = version && read(version.rest, SEQUENCE);
  if (!subject) return null;
  const names: string[] = [];
  for (let set = read(subject.content, SET); set; set = read(set.rest, SET)) {
    for (let pair = read(set.content, SEQUENCE); pair; pair = read(pair.rest, SEQUENCE)) {
      const type = read(pair.content, OBJECT_ID);
      if (type === null || Buffer.from(type.content).toString("hex") !== COMMON_NAME) continue;
      const name = textOf(type.rest);
      if (name === null) return null;
      names.push(name);
    }
  }
  return names.length === 1 ? (names[0] ?? null) : null;
}

/** The first element of some DER, when it has the expected tag and a definite length that fits. */
function read(der: Uint8Array, tag: number): Element | null {
  const short = der[1];
  if (der[0] !== tag || short === undefined) return null;
  let start = 2;
  let length = short;
  if (short >= 0x80) {
    const bytes = short & 0x7f;
    if (bytes === 0 || bytes > 3 || der.byteLength < 2 + bytes) return null;
    length = 0;
    for (const byte of der.subarray(2, 2 + bytes)) length = length * 256 + byte;
    start = 2 + bytes;
  }
  if (start + length > der.byteLength) return null;
  return { tag, content: der.subarray(start, start + length), rest: der.subarray(start + length) };
}

function textOf(der: Uint8Array): string | null {
  const element = read(der, UTF8_STRING) ?? read(der, PRINTABLE_STRING) ?? read(der, IA5_STRING);
  if (element === null) return null;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(element.content);
  } catch {
    return null;
  }
}
