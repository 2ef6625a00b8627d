/** Addresses that lead inside, in all the spellings that guards were known to miss. */
import { intBetween, pick, type Random } from "./random.ts";

/** Of each kind of address that is nobody's business, one or two. */
const INSIDE_V4 = [
  "127.0.0.1",
  "127.8.9.10",
  "0.0.0.0",
  "10.0.0.1",
  "172.16.0.1",
  "192.168.1.1",
  "169.254.169.254",
  "100.64.0.1",
  "100.100.100.200",
  "168.63.129.16",
  "192.0.0.192",
  "198.18.0.1",
  "224.0.0.1",
  "240.0.0.1",
  "255.255.255.255",
];
const INSIDE_V6 = ["::1", "::", "fe80::1", "fc00::1", "fd00:ec2::254", "fec0::1", "ff02::1", "2001:db8::1"];

type Spelling = (parts: readonly number[], number: number) => string;
const hex = (value: number, digits = 0) => value.toString(16).padStart(digits, "0");
const octal = (value: number) => `0${value.toString(8)}`;
const wide = (text: string) =>
  text.replace(/[0-9a-z]/g, (sign) => String.fromCodePoint((sign.codePointAt(0) ?? 0) + 0xfee0));
const circled = (text: string) =>
  text.replace(/[1-9]/g, (digit) => String.fromCodePoint(0x2460 + Number(digit) - 1)).replace(/0/g, "⓪");
const pair = (parts: readonly number[], at: number) => hex(((parts[at] ?? 0) << 8) | (parts[at + 1] ?? 0));

const V4_SPELLINGS: readonly Spelling[] = [
  (parts) => parts.join("."),
  (_, number) => String(number),
  (_, number) => `0x${hex(number)}`,
  (_, number) => octal(number),
  (parts) => parts.map((part) => `0x${hex(part)}`).join("."),
  (parts) => parts.map(octal).join("."),
  (parts) => parts.map((part) => `000${octal(part)}`).join("."),
  ([a = 0, ...rest]) => `0x${hex(a)}.${rest.join(".")}`,
  ([a = 0, b = 0, c = 0, d = 0]) => `${a}.${b}.${c * 256 + d}`,
  ([a = 0, b = 0, c = 0, d = 0]) => `${a}.${b * 65_536 + c * 256 + d}`,
  (parts) => `${parts.join(".")}.`,
  (parts) => parts.join("。"),
  (parts) => parts.join("．"),
  (parts) => parts.join("｡"),
  (parts) => wide(parts.join(".")),
  (parts) => circled(parts.join(".")),
  (parts) => parts.join(".").replace(/\d/g, (digit) => `%3${digit}`),
  (parts) => parts.join("%2e"),
  (parts) => `[::ffff:${parts.join(".")}]`,
  (parts) => `[::ffff:${pair(parts, 0)}:${pair(parts, 2)}]`,
  (parts) => `[0:0:0:0:0:ffff:${pair(parts, 0)}:${pair(parts, 2)}]`,
  (parts) => `[::${parts.join(".")}]`,
  (parts) => `[::ffff:0:${parts.join(".")}]`,
  (parts) => `[64:ff9b::${parts.join(".")}]`,
  (parts) => `[64:ff9b:1::${parts.join(".")}]`,
  (parts) => `[2002:${pair(parts, 0)}:${pair(parts, 2)}::]`,
  (parts) => `[2001:0:${pair(parts, 0)}:${pair(parts, 2)}::]`,
];

/** Whole addresses, with `HOST` for this machine and `PORT` for the port that counts. */
const TRICKS = [
  "http://localhost:PORT/",
  "http://LocalHost:PORT/",
  "http://localhost.:PORT/",
  "http://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ:PORT/",
  "http://local\u00adhost:PORT/",
  "http://user@HOST:PORT/",
  "http://user:word@HOST:PORT/",
  "http://public.example@HOST:PORT/",
  "http://public.example%00@HOST:PORT/",
  "http://public.example\\@HOST:PORT/",
  "http://HOST:PORT\\@public.example/",
  "http://HOST:PORT#@public.example/",
  "http://HOST:PORT?@public.example/",
  "http://HOST:PORT/@public.example/",
  "http:HOST:PORT/",
  "http:/HOST:PORT/",
  "http:///HOST:PORT/",
  "http:////HOST:PORT/",
  "http:\\\\HOST:PORT/",
  "ht\ntp://HOST:PORT/",
  "http://\tHOST:\tPORT/",
  " http://HOST:PORT/ ",
  "\u0000http://HOST:PORT/",
  "HTTP://HOST:PORT/",
  "http://HOST:0PORT/",
  "http://[::1%25lo]:PORT/",
  "http://[::1]:PORT/",
  "http://[0:0:0:0:0:0:0:1]:PORT/",
  "http://[0000::0001]:PORT/",
  "//HOST:PORT/",
  "HOST:PORT",
  "file:///etc/passwd",
  "file://HOST:PORT/etc/passwd",
  "gopher://HOST:PORT/_x",
  "dict://HOST:PORT/x",
  "ftp://HOST:PORT/",
  "sftp://HOST:PORT/",
  "tftp://HOST:PORT/x",
  "ldap://HOST:PORT/",
  "ws://HOST:PORT/",
  "wss://HOST:PORT/",
  "jar:http://HOST:PORT!/",
  "view-source:http://HOST:PORT/",
  "blob:http://HOST:PORT/x",
  "data:text/html,x",
  "javascript:fetch('http://HOST:PORT')",
  "http+unix://%2fvar%2frun%2fx.sock/",
  "unix:///var/run/x.sock",
  "netdoc://HOST:PORT/",
  "php://filter/resource=http://HOST:PORT/",
];

/** Names of the zone that stand for something inside, however indirectly. */
export const INSIDE_NAMES: Readonly<Record<string, readonly string[]>> = {
  localhost: ["127.0.0.1", "::1"],
  "loop.test": ["127.0.0.1"],
  "private.test": ["10.0.0.1"],
  "public.example": ["10.0.0.9"],
  "six.test": ["::1"],
  "mapped.test": ["::ffff:7f00:1"],
  "both.test": ["8.8.8.8", "127.0.0.1"],
  "last.test": ["8.8.8.8", "2606:4700::1111", "::1"],
  "cname.test": ["cname:loop.test"],
  "far.test": ["cname:cname.test"],
  "metadata.test": ["169.254.169.254"],
};

function inV4(address: string, spelling: Spelling): string {
  const parts = address.split(".").map(Number);
  return spelling(
    parts,
    parts.reduce((sum, part) => sum * 256 + part, 0),
  );
}

/** Every form for a listener on this port; none of them may be reached. */
export function insideForms(port: number): string[] {
  const schemes = ["http", "https"];
  const hosts = [
    ...INSIDE_V4.flatMap((address) => V4_SPELLINGS.map((spelling) => inV4(address, spelling))),
    ...INSIDE_V6.flatMap((address) => [`[${address}]`, `[${address.toUpperCase()}]`]),
    ...Object.keys(INSIDE_NAMES).flatMap((name) => [name, `${name}.`, name.toUpperCase()]),
  ];
  const direct = hosts.flatMap((host) => schemes.map((scheme) => `${scheme}://${host}:${port}/`));
  const tricks = TRICKS.flatMap((trick) =>
    ["127.0.0.1", "[::1]", "2130706433"].map((host) =>
      trick.replaceAll("HOST", host).replaceAll("PORT", String(port)),
    ),
  );
  return [...new Set([...direct, ...tricks])];
}

/** A random address of a private range in a random spelling. */
export function randomForm(random: Random, port: number): string {
  const byte = () => intBetween(random, 0, 255);
  const address = pick(random, [
    () => `127.${byte()}.${byte()}.${byte()}`,
    () => `10.${byte()}.${byte()}.${byte()}`,
    () => `192.168.${byte()}.${byte()}`,
    () => `172.${intBetween(random, 16, 31)}.${byte()}.${byte()}`,
    () => `169.254.${byte()}.${byte()}`,
    () => `0.${byte()}.${byte()}.${byte()}`,
  ])();
  return `${pick(random, ["http", "https"])}://${inV4(address, pick(random, V4_SPELLINGS))}:${port}/`;
}
