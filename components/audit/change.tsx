import { HostileText } from "../ui/hostile-text.tsx";

/** Members that differ between two values. */
export function changedNames(before: unknown, after: unknown): string[] {
  const [old, current] = [membersOf(before), membersOf(after)];
  return [...new Set([...Object.keys(old), ...Object.keys(current)])].filter(
    (name) => JSON.stringify(old[name]) !== JSON.stringify(current[name]),
  );
}

/** Members that differ, before and after. */
export function Change({ before, after }: { before: unknown; after: unknown }) {
  const [old, current] = [membersOf(before), membersOf(after)];
  const names = changedNames(before, after);
  if (names.length === 0) return <p className="text-muted">Nothing was changed.</p>;
  return (
    <ul aria-label="What changed" className="flex flex-col gap-0.5 font-mono">
      {names.map((name) => (
        <li key={name} className="flex flex-wrap items-center gap-x-2">
          <span className="text-muted">
            <HostileText text={name} max={40} />
          </span>
          {name in old && (
            <del>
              <HostileText text={textOf(old[name])} max={120} />
            </del>
          )}
          {name in old && name in current && <span aria-hidden>→</span>}
          {name in current && (
            <ins className="no-underline">
              <HostileText text={textOf(current[name])} max={120} />
            </ins>
          )}
        </li>
      ))}
    </ul>
  );
}

function membersOf(value: unknown): Record<string, unknown> {
  if (value === null || value === undefined) return {};
  return typeof value === "object" && !Array.isArray(value) ? { ...value } : { value };
}

const textOf = (value: unknown): string =>
  typeof value === "string" ? value : (JSON.stringify(value) ?? "");
