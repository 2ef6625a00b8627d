import { displayText, formatPlural } from "#lib/client/format";
import { poolSentence, quorumSentence } from "#lib/client/limits-words";
import type { LimitsRoom } from "#lib/contracts/remediation-limits";

const SHOWN = 12;

const poolName = (name: string) => (name === "" ? "Nodes without a pool" : `Pool ${displayText(name).text}`);

/** What limits allow in a domain's pools and control planes now; the fullest pools first. */
export function LimitsRoomView({ room, label }: { room: LimitsRoom; label: string }) {
  const { pools, poolsTotal, singlePools, quorums, nodes } = room;
  if (nodes === 0) return <p className="text-data text-muted">There are no nodes in this domain.</p>;
  const more = poolsTotal - Math.min(pools.length, SHOWN);
  return (
    <>
      <ul aria-label={label} className="flex flex-col gap-0.5 text-data tabular-nums">
        {pools.slice(0, SHOWN).map((pool) => {
          const full = pool.away >= pool.mayBeAway;
          return (
            <li key={pool.name} className={full ? "break-words text-warn-fg" : "break-words"}>
              {poolSentence(pool, poolName(pool.name))}
              {full && " No more may be taken."}
            </li>
          );
        })}
        {quorums.slice(0, SHOWN).map((quorum) => (
          <li key={`quorum ${quorum.name}`} className="break-words">
            {quorumSentence(quorum, capital(displayText(quorum.name).text))}
          </li>
        ))}
      </ul>
      {more > 0 && <p className="text-small text-muted">And {formatPlural(more, "more pool")}, less full.</p>}
      {singlePools > 0 && (
        <p className="text-small text-warn-fg">
          {formatPlural(singlePools, "pool has", "pools have")} a single node each: limits do not keep it from
          being taken.
        </p>
      )}
    </>
  );
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
