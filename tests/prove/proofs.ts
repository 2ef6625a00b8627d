/** Every proof there is, with what it promises and the bug that it must catch. A new one is a line here. */
import { acknowledgedIsNeverLost } from "./acknowledged.ts";
import { knownThenStaysKnown } from "./as-known.ts";
import { olderBackupsAreFound } from "./backup.ts";
import { celMeansTheSame } from "./cel-oracle.ts";
import { distrustReachesBack } from "./distrust.ts";
import { driftIsOneLook } from "./drift.ts";
import { deathsMakeNoDifference } from "./execution.ts";
import { forksAreFound } from "./fork.ts";
import { guardsAreMissed } from "./guards.ts";
import { hostileBodiesAreHarmless } from "./hostile.ts";
import { hostileTextIsText } from "./hostile-text.ts";
import { figuresAreRight } from "./measures.ts";
import { eventsArrive } from "./notify.ts";
import { orderDoesNotMatter } from "./order.ts";
import { parsersNeverThrow } from "./parsers.ts";
import type { Proof } from "./proof.ts";
import { requestsKeepTheirTable } from "./requests.ts";
import { keysRotateWithoutGap } from "./rotation.ts";
import { silenceIsSeen } from "./silence.ts";
import { nothingLeadsInside } from "./ssrf.ts";
import { rewritingIsFound } from "./tamper.ts";
import { tenantsAreApart } from "./tenants.ts";
import { unauditedNeverHappens } from "./unaudited.ts";
import { pagesGuardThemselves } from "./without-proxy.ts";

export type ProofRow = {
  prove: Proof;
  promise: string;
  planted: string;
  /** Words that the log must hold once the bug is caught; absent = that it was caught is enough. */
  symptoms?: readonly string[];
};

export const PROOFS: Readonly<Record<string, ProofRow>> = {
  A1: {
    prove: acknowledgedIsNeverLost,
    promise: "an acknowledged event survives the killing of the server and of PostgreSQL",
    planted: "a database that acknowledges before it writes",
  },
  A2: {
    prove: orderDoesNotMatter,
    promise: "order, duplication and batching of what arrives do not matter",
    planted: "corrections that take nothing back",
  },
  A3: {
    prove: knownThenStaysKnown,
    promise: "what was known then never changes",
    planted: "corrections that overwrite",
  },
  A4: {
    prove: hostileBodiesAreHarmless,
    promise: "hostile bodies get documented problems, change nothing and cost bounded memory",
    planted: "a server that lets lone surrogates through",
  },
  A5: {
    prove: parsersNeverThrow,
    promise: "no reader throws, and nothing that cannot be stored is accepted",
    planted: "readers that let lone surrogates through",
  },
  A6: {
    prove: guardsAreMissed,
    promise: "every guard is missed by the test that names it",
    planted: "a guard that is gone from its place, and one whose test is about something else",
    symptoms: ["0 times", "nobody misses it"],
  },
  A7: {
    prove: pagesGuardThemselves,
    promise: "pages tell nobody anything, whichever way they are asked for, also without the proxy",
    planted: "pages that answer anybody",
    symptoms: ["is told"],
  },
  A8: {
    prove: tenantsAreApart,
    promise: "nobody sees another tenant's row, with both walls and with either alone",
    planted: "tables that are read with neither",
  },
  A9: {
    prove: unauditedNeverHappens,
    promise: "without its audit entry no change happens, on any route",
    planted: "an entry that cannot be written and is forgotten",
    symptoms: ["and changed"],
  },
  A10: {
    prove: rewritingIsFound,
    promise: "whoever rewrites the audit log is found, and the first wrong entry is named",
    planted: "a check that knows no file and no checkpoint but the last",
    symptoms: ["not found or not named"],
  },
  "A10-backup": {
    prove: olderBackupsAreFound,
    promise: "an older backup of the audit log that is put back is found within one checkpoint",
    planted: "a file that is put back as well, and a witness that forgets",
    symptoms: ["by the file: not found", "by its memory: not found"],
  },
  "A10-fork": {
    prove: forksAreFound,
    promise: "two copies of the audit log that went different ways are found, whoever compares them",
    planted: "a comparison that looks at sizes alone",
    symptoms: ["not found"],
  },
  A11: {
    prove: requestsKeepTheirTable,
    promise:
      "requests of remediation keep to their table and start once, by people who may, whoever races whom",
    planted: "requests that are changed without their lock",
    symptoms: [": revision "],
  },
  "A11-execution": {
    prove: deathsMakeNoDifference,
    promise: "what is carried out is carried out once and comes to its end, wherever workers die",
    planted: "a worker that begins again without looking",
    symptoms: ["done more than once"],
  },
  A16: {
    prove: distrustReachesBack,
    promise:
      "distrust of a key reaches back, as if it had never vouched, and what was believed before stays readable",
    planted: "a distrust that only looks at the date which the sender states",
  },
  A15: {
    prove: keysRotateWithoutGap,
    promise: "keys rotate under load without a refused event, and end when their grace period does",
    planted: "a key that is thrown away, and one that never ends",
    symptoms: ["a valid event was refused", "an event of a retired key was accepted"],
  },
  A21: {
    prove: hostileTextIsText,
    promise: "what a verifier says is text, on every page, in exports and in the log",
    planted: "a page that takes text for markup",
    symptoms: ["injected elements"],
  },
  A24: {
    prove: nothingLeadsInside,
    promise: "no address, name, answer or redirect leads a request inside",
    planted: "a client that asks for the name again when it connects, and follows redirects",
    symptoms: ["1 connections", "was followed"],
  },
  A30: {
    prove: eventsArrive,
    promise: "every event arrives at least once, in the order of its matter, under an id that never changes",
    planted: "a worker that notes the arrival before it sends",
    symptoms: ["never arrived"],
  },
  A31: {
    prove: figuresAreRight,
    promise: "figures over a period are those of a second implementation, to the last unit",
    planted: "silence that counts as a pass",
    symptoms: ["instead of"],
  },
  A32: {
    prove: silenceIsSeen,
    promise: "whoever is missing for more than twice its interval is stale, and none of them is a pass",
    planted: "silence that is not judged",
  },
  A40: {
    prove: celMeansTheSame,
    promise: "expressions of policies mean the same to another CEL engine",
    planted: "patterns of JavaScript instead of RE2",
  },
  A41: {
    prove: driftIsOneLook,
    promise:
      "drift that is followed step by step is what one look at everything gives, late evidence included",
    planted: "late evidence that is compared from its arrival on",
  },
};
