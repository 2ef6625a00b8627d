/** What happens in a random history besides evidence. */
import { intBetween, type Random } from "../random.ts";
import { exception, group, policyException } from "./drift-stories.ts";
import { DAY, HOUR, type Moment, type Story } from "./moments.ts";
import { alarm, comparison, difference, identity, sourceFinding, transition } from "./node-stories.ts";
import { fact, image, role, sink } from "./outward-stories.ts";
import { changeRequest, remediation } from "./request-stories.ts";
import { auditEntry, auditLog, checkpoint, expectedNode, incident, sourceKey } from "./upkeep-stories.ts";

/** How often each is told, at most. */
const STORIES: readonly (readonly [Story, number])[] = [
  [transition, 16],
  [comparison, 6],
  [difference, 5],
  [identity, 6],
  [alarm, 2],
  [sourceFinding, 5],
  [group, 6],
  [exception, 3],
  [policyException, 2],
  [changeRequest, 5],
  [remediation, 12],
  [expectedNode, 4],
  [sourceKey, 4],
  [auditLog, 1],
  [checkpoint, 6],
  [auditEntry, 10],
  [incident, 4],
  [fact, 12],
  [sink, 2],
  [image, 6],
  [role, 4],
];

/** All moments of a history in their order; most begin within its first days, and some long before. */
export function momentsOf(random: Random, startMs: number): Moment[] {
  const moments = STORIES.flatMap(([story, most]) =>
    Array.from({ length: intBetween(random, 0, most) }, () => {
      const earlier = random() < 0.1 ? intBetween(random, 1, 100 * DAY) : 0;
      // Several lie close together in the first hours, while the nodes are only becoming known.
      const span = random() < 0.3 ? 8 * HOUR : 4 * DAY;
      return story(random, startMs - earlier + intBetween(random, 0, span));
    }).flat(),
  );
  return moments.sort((a, b) => a.atMs - b.atMs);
}
