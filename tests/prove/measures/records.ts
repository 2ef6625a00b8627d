/** Measures about what people and the product did: what each should be, from what was recorded. */
import { holds, inside, type Question } from "./nodes.ts";
import type { Vote } from "./recorded.ts";
import { type Row, type Rows, row } from "./sums.ts";

const MINUTE = 60_000;
const DAY = 86_400_000;

export function recordMeasures(question: Question): Record<string, Rows> {
  return {
    ...changeMeasures(question),
    ...exceptionMeasures(question),
    ...logMeasures(question),
    ...endMeasures(question),
    M13: { rows: fourEyes(question) },
    M20: deliveries(question),
    M21: { rows: confirmedRoles(question) },
    M23: { rows: reviews(question) },
    M25: { rows: rehearsals(question) },
  };
}

function changeMeasures({ recorded, period }: Question): Record<string, Rows> {
  const { toMs } = period;
  const open = recorded.groups.filter((one) => holds(one, toMs));
  const acknowledged = recorded.groups
    .filter(({ fromMs }) => fromMs < toMs)
    .map((one) => {
      const said = recorded.decisions.filter(
        ({ group, person, atMs }) => group === one.id && person && atMs < toMs,
      );
      return { ...one, saidMs: said.length === 0 ? null : Math.min(...said.map(({ atMs }) => atMs)) };
    });
  return {
    M09: {
      rows: open.map(({ fromMs, exception }) => {
        const covered = recorded.exceptions.some((one) => one.id === exception && holds(inForce(one), toMs));
        return row(!covered && toMs - fromMs > DAY ? "missed" : "met", toMs - fromMs);
      }),
      basis: recorded.compared.filter((one) => holds(one, toMs)).length,
    },
    acknowledge: {
      rows: acknowledged.flatMap((one) => {
        if (one.saidMs === null) return holds(one, toMs) ? row("open", toMs - one.fromMs) : [];
        return inside(one.saidMs, period) ? row("met", one.saidMs - one.fromMs) : [];
      }),
      basis: acknowledged.length,
    },
    redrift: {
      rows: recorded.groups
        .filter(({ fromMs }) => inside(fromMs, period))
        .map(({ again }) => row(again ? "met" : "missed")),
    },
  };
}

/** When an exception really was in force. */
const inForce = ({ fromMs, toMs, endedMs }: { fromMs: number; toMs: number; endedMs: number | null }) => ({
  fromMs,
  toMs: endedMs === null ? toMs : Math.min(endedMs, toMs),
});

function exceptionMeasures({ recorded: { exceptions }, period }: Question): Record<string, Rows> {
  const sometime = exceptions.filter((one) => one.fromMs < period.toMs && inForce(one).toMs > period.fromMs);
  return {
    M10: {
      rows: sometime.map(({ fromMs, toMs }) =>
        row(toMs - fromMs <= 90 * DAY ? "met" : "missed", toMs - fromMs),
      ),
    },
    "exception-debt": {
      rows: exceptions
        .filter((one) => holds(inForce(one), period.toMs))
        .map(({ fromMs }) => row("met", period.toMs - fromMs)),
    },
  };
}

/** Somebody approved the plan that was carried out, before it was and before the request had expired. */
const approvedInTime = (votes: readonly Vote[], doneMs: number, expiresMs: number): boolean =>
  votes.some(({ atMs, approves, samePlan }) => approves && samePlan && atMs <= doneMs && atMs < expiresMs);

function fourEyes({ recorded, period }: Question): Row[] {
  const changes = recorded.changes.flatMap(({ state, decidedMs, expiresMs, votes }) =>
    state === "applied" && inside(decidedMs, period)
      ? row(approvedInTime(votes, decidedMs, expiresMs) ? "met" : "missed")
      : [],
  );
  const actions = recorded.remediations.flatMap(({ origin, startedMs, expiresMs, votes, ratifiedMs }) => {
    if (origin === "drill" || origin === "real_drill" || !inside(startedMs, period)) return [];
    if (origin === "break_glass")
      return row(ratifiedMs !== null && ratifiedMs <= period.toMs ? "met" : "missed");
    return row(approvedInTime(votes, startedMs, expiresMs) ? "met" : "missed");
  });
  return [...changes, ...actions];
}

/** What was still to come or too old at the end of the period. */
function endMeasures({ world, recorded, period: { toMs } }: Question): Record<string, Rows> {
  return {
    M16: {
      rows: recorded.expected
        .filter((one) => holds(one, toMs))
        .map(({ overdueMs, enrolledMs }) => {
          const come = enrolledMs !== null && enrolledMs <= toMs;
          return row(overdueMs !== null && overdueMs <= toMs && !come ? "missed" : "met");
        }),
    },
    M17: {
      rows: recorded.keys
        .filter(
          ({ createdMs, retiredMs, distrustedMs }) =>
            holds({ fromMs: createdMs, toMs: retiredMs }, toMs) &&
            !(distrustedMs !== null && distrustedMs <= toMs),
        )
        .map(({ createdMs }) => row(toMs - createdMs > 365 * DAY ? "missed" : "met", toMs - createdMs)),
    },
    M24: {
      rows: recorded.sourceFindings
        .filter((one) => one.kind !== "silent" && holds(one, toMs))
        .map(() => row("missed")),
      basis: world.sources.filter(({ createdMs }) => createdMs <= toMs).length,
    },
  };
}

function logMeasures({ recorded, period }: Question): Record<string, Rows> {
  const { toMs } = period;
  const sealed = recorded.checkpoints.filter((ms) => ms <= toMs);
  const ageMs = sealed.length === 0 ? null : toMs - Math.max(...sealed);
  const due = recorded.entries.filter(({ atMs }) => inside(atMs, period) && atMs <= toMs - 5 * MINUTE);
  return {
    M18: {
      rows:
        recorded.logMs !== null && recorded.logMs <= toMs
          ? [row(ageMs !== null && ageMs <= DAY ? "met" : "missed", ageMs)]
          : [],
    },
    M19: {
      rows: due.length === 0 ? [] : [row(due.every(({ leaf }) => leaf) ? "met" : "missed")],
      basis: due.length,
    },
  };
}

function reviews({ recorded, period }: Question): Row[] {
  return recorded.incidents.flatMap(({ openedMs, resolvedMs, review }) =>
    inside(resolvedMs, period) ? row(review.trim() === "" ? "missed" : "met", resolvedMs - openedMs) : [],
  );
}

function rehearsals({ recorded, period: { toMs } }: Question): Row[] {
  return recorded.remediations.flatMap(({ action, state, startedMs, endedMs }) =>
    action === "reprovision" &&
    startedMs !== null &&
    endedMs !== null &&
    endedMs <= toMs &&
    endedMs > toMs - 90 * DAY
      ? row(state === "succeeded" ? "met" : "missed", endedMs - startedMs)
      : [],
  );
}

/** Facts by what became of them, in the whole minutes of the period; each sink and each fate is a row. */
function deliveries({ recorded: { facts, sinks }, period: { fromMs, toMs } }: Question): Rows {
  const [firstMs, endMs] = [Math.ceil(fromMs / MINUTE) * MINUTE, Math.floor(toMs / MINUTE) * MINUTE];
  const during = (ms: number) => ms >= firstMs && ms < endMs;
  const rows = sinks.flatMap(({ kinds, countedMs, offMs, told, refused }): Row[] => {
    const minutes = [...told].sort(([a], [b]) => a - b);
    const counted = minutes.flatMap(([ms, counts]) => (during(ms) ? counts : []));
    const total = (part: "facts" | "late" | "missed") => counted.reduce((sum, one) => sum + one[part], 0);
    const through = minutes.findLast(([ms]) => ms < endMs)?.[1].through ?? 0;
    const waiting = facts.filter(
      ({ seq, kind, atMs }) =>
        (seq === null || seq > through) &&
        kinds.includes(kind) &&
        atMs >= countedMs &&
        atMs < endMs - 5 * MINUTE,
    );
    const lost = refused.filter(
      ({ atMs, replayedMs }) => during(atMs) && (replayedMs === null || replayedMs >= endMs),
    );
    const fates = [
      total("late"),
      total("missed"),
      lost.length,
      offMs === null || offMs > endMs ? waiting.length : 0,
    ];
    const weighed = (verdict: Row["verdict"], weight: number): Row[] =>
      weight > 0 ? [{ verdict, weight, value: null }] : [];
    return [
      weighed("met", total("facts") - total("late")),
      ...fates.map((fate) => weighed("missed", fate)),
    ].flat();
  });
  return { rows, basis: rows.reduce((sum, { weight }) => sum + weight, 0) };
}

function confirmedRoles({ recorded: { grants }, period: { toMs } }: Question): Row[] {
  return grants
    .filter((one) => one.strong && holds(one, toMs))
    .map(({ fromMs, ownGift, confirmedMs }) => {
      const confirmed = confirmedMs.filter((ms) => ms <= toMs);
      const stood = [...confirmed, ...(ownGift ? [] : [fromMs])].some((ms) => toMs - ms < 90 * DAY);
      return row(stood ? "met" : "missed", toMs - Math.max(fromMs, ...confirmed));
    });
}
