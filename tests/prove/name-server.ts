/** A name server on this machine that says what it is told, and may change its mind between two questions. */
import { createSocket } from "node:dgram";
import { Resolver } from "node:dns/promises";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import type { Lookup } from "#lib/outbound/judge";

/** What a name stands for; each question takes the next list, the last one stays. */
export type Zone = ReadonlyMap<string, readonly (readonly string[])[]>;

export type NameServer = { lookup: Lookup; stop: () => Promise<void> };

const TYPES = { A: 1, CNAME: 5, AAAA: 28 } as const;
const CLASS_IN = 1;
/** A pointer to the name in the question, which stands behind the header. */
const QUESTION_NAME = Buffer.from([0xc0, 0x0c]);

export async function startNameServer(zone: Zone): Promise<NameServer> {
  const asked = new Map<string, number>();
  const socket = createSocket("udp4");
  socket.on("message", (query, { port, address }) => {
    socket.send(answerTo(query, zone, asked), port, address);
  });
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  const resolver = new Resolver({ timeout: 2_000, tries: 1 });
  resolver.setServers([`127.0.0.1:${(socket.address() as AddressInfo).port}`]);
  const lookup: Lookup = async (name) => {
    const [four, six] = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)]);
    const found = (outcome: PromiseSettledResult<string[]>, family: number) =>
      outcome.status === "fulfilled" ? outcome.value.map((address) => ({ address, family })) : [];
    return [...found(four, 4), ...found(six, 6)];
  };
  return {
    lookup,
    stop: async () => {
      socket.close();
      await once(socket, "close");
    },
  };
}

function answerTo(query: Buffer, zone: Zone, asked: Map<string, number>): Buffer {
  const { name, type, end } = questionOf(query);
  const turns = zone.get(name) ?? [];
  const key = `${name} ${type}`;
  const turn = asked.get(key) ?? 0;
  asked.set(key, turn + 1);
  const said = turns[Math.min(turn, turns.length - 1)] ?? [];
  const records = said.flatMap((value) => recordsOf(QUESTION_NAME, value, type, zone));
  const header = Buffer.alloc(12);
  header.writeUInt16BE(query.readUInt16BE(0), 0);
  // An answer, recursion wanted and available; a name without a record of the type is not an error.
  header.writeUInt16BE(0x8180, 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(records.length, 6);
  return Buffer.concat([header, query.subarray(12, end), ...records]);
}

function questionOf(query: Buffer): { name: string; type: number; end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.subarray(at + 1, at + 1 + length).toString("latin1"));
    at += length + 1;
  }
  return { name: labels.join(".").toLowerCase(), type: query.readUInt16BE(at + 1), end: at + 5 };
}

/** `cname:other.test` leads to another name of the zone, whose first addresses follow in the same answer. */
function recordsOf(owner: Buffer, value: string, type: number, zone: Zone): Buffer[] {
  if (value.startsWith("cname:")) {
    const other = value.slice("cname:".length);
    const named = encodedName(other);
    const behind = (zone.get(other)?.[0] ?? []).flatMap((said) => recordsOf(named, said, type, zone));
    return [recordOf(owner, TYPES.CNAME, named), ...behind];
  }
  const isSix = value.includes(":");
  if (type !== (isSix ? TYPES.AAAA : TYPES.A)) return [];
  return [recordOf(owner, type, isSix ? sixOf(value) : Buffer.from(value.split(".").map(Number)))];
}

function recordOf(owner: Buffer, type: number, data: Buffer): Buffer {
  const fixed = Buffer.alloc(10);
  fixed.writeUInt16BE(type, 0);
  fixed.writeUInt16BE(CLASS_IN, 2);
  // Kept for no second.
  fixed.writeUInt32BE(0, 4);
  fixed.writeUInt16BE(data.byteLength, 8);
  return Buffer.concat([owner, fixed, data]);
}

function encodedName(name: string): Buffer {
  const parts = name.split(".").map((label) => Buffer.from([label.length, ...Buffer.from(label, "latin1")]));
  return Buffer.concat([...parts, Buffer.from([0])]);
}

function sixOf(address: string): Buffer {
  const [head = "", tail] = address.split("::");
  const groups = (text: string | undefined) => (text ? text.split(":") : []);
  const [left, right] = [groups(head), groups(tail)];
  const all = [...left, ...Array(8 - left.length - right.length).fill("0"), ...right];
  const bytes = Buffer.alloc(16);
  for (const [index, group] of all.entries()) bytes.writeUInt16BE(Number.parseInt(group, 16), index * 2);
  return bytes;
}
