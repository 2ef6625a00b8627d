/** A certificate authority that lives as long as a test: X.509 certificates over P-256. */
import { generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";

export type Certified = { cert: string; key: string };
type Authority = Certified & {
  /** A certificate for a server at 127.0.0.1, or for a client. */
  issue: (name: string, usage: "server" | "client") => Certified;
  /** A certificate that carries these URIs and no other name: an X509-SVID when it is one SPIFFE ID. */
  issueSvid: (...uris: string[]) => Certified;
};

const DAY_MS = 86_400_000;

const tlv = (tag: number, ...parts: Uint8Array[]): Buffer => {
  const content = Buffer.concat(parts);
  const size = content.byteLength;
  const length =
    size < 0x80 ? [size] : size < 0x100 ? [0x81, size] : [0x82, Math.floor(size / 0x100), size % 0x100];
  return Buffer.concat([Buffer.from([tag, ...length]), content]);
};
const sequence = (...parts: Uint8Array[]) => tlv(0x30, ...parts);
const hex = (tag: number, text: string) => tlv(tag, Buffer.from(text, "hex"));

const ECDSA_SHA256 = sequence(hex(0x06, "2a8648ce3d040302"));
const OID_COMMON_NAME = hex(0x06, "550403");
const nameOf = (name: string) =>
  sequence(tlv(0x31, sequence(OID_COMMON_NAME, tlv(0x0c, Buffer.from(name, "utf8")))));
const utc = (timeMs: number) =>
  tlv(0x17, Buffer.from(`${new Date(timeMs).toISOString().replace(/[-:T]/g, "").slice(2, 14)}Z`, "ascii"));
const extension = (oid: string, critical: boolean, value: Uint8Array) =>
  sequence(hex(0x06, oid), ...(critical ? [hex(0x01, "ff")] : []), tlv(0x04, value));

const CA_ONLY = extension("551d13", true, sequence(hex(0x01, "ff")));
const USAGES = { server: "2b06010505070301", client: "2b06010505070302" };
const extendedUsage = (usage: "server" | "client") =>
  extension("551d25", false, sequence(hex(0x06, USAGES[usage])));
const LOOPBACK_NAMES = extension(
  "551d11",
  false,
  sequence(hex(0x87, "7f000001"), tlv(0x82, Buffer.from("localhost"))),
);

const uriNames = (uris: readonly string[]) =>
  extension("551d11", true, sequence(...uris.map((uri) => tlv(0x86, Buffer.from(uri, "ascii")))));

function pem(label: string, der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}

function certificate(
  subject: string,
  publicKey: KeyObject,
  issuer: string,
  issuerKey: KeyObject,
  extensions: Uint8Array[],
): string {
  const serial = randomBytes(8);
  serial[0] = 0x40;
  const body = sequence(
    tlv(0xa0, hex(0x02, "02")),
    tlv(0x02, serial),
    ECDSA_SHA256,
    nameOf(issuer),
    sequence(utc(Date.now() - DAY_MS), utc(Date.now() + DAY_MS)),
    nameOf(subject),
    publicKey.export({ type: "spki", format: "der" }),
    tlv(0xa3, sequence(...extensions)),
  );
  const signature = sign("sha256", body, issuerKey);
  return pem("CERTIFICATE", sequence(body, ECDSA_SHA256, tlv(0x03, Buffer.from([0]), signature)));
}

export function newAuthority(name: string): Authority {
  const ca = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const keyText = (key: KeyObject) => key.export({ type: "pkcs8", format: "pem" }).toString();
  return {
    cert: certificate(name, ca.publicKey, name, ca.privateKey, [CA_ONLY]),
    key: keyText(ca.privateKey),
    issue(subject, usage) {
      const pair = generateKeyPairSync("ec", { namedCurve: "P-256" });
      const extensions = [extendedUsage(usage), LOOPBACK_NAMES];
      return {
        cert: certificate(subject, pair.publicKey, name, ca.privateKey, extensions),
        key: keyText(pair.privateKey),
      };
    },
    issueSvid(...uris) {
      const pair = generateKeyPairSync("ec", { namedCurve: "P-256" });
      const names = [uriNames(uris)];
      return {
        cert: certificate("SPIRE", pair.publicKey, name, ca.privateKey, names),
        key: keyText(pair.privateKey),
      };
    },
  };
}
