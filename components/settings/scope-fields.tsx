"use client";

import { PERMISSIONS, type Permission, type Role, SERVICE_VERBS } from "#lib/domain/access";

/** Verbs that these roles give to a service account. */
function scopesOf(roles: readonly Role[]): Permission[] {
  return SERVICE_VERBS.filter((verb) =>
    (PERMISSIONS[verb] as readonly Role[]).some((role) => roles.includes(role)),
  );
}

/** Chooses what a key or a token may be used for, out of what the account's roles hold. */
export function ScopeFields({
  roles,
  value,
  onChange,
}: {
  roles: readonly Role[];
  value: readonly Permission[];
  onChange: (scopes: Permission[]) => void;
}) {
  const offered = scopesOf(roles);
  const reads = offered.filter((verb) => verb.endsWith(":read"));
  const changes = offered.filter((verb) => !verb.endsWith(":read"));
  const group = (legend: string, verbs: readonly Permission[]) =>
    verbs.length > 0 && (
      <fieldset className="min-w-0">
        <legend className="mb-1 text-small font-medium">{legend}</legend>
        <div className="grid grid-cols-2 gap-x-3">
          {verbs.map((verb) => (
            <label key={verb} className="touch flex min-h-7 min-w-0 items-center gap-2">
              <input
                type="checkbox"
                checked={value.includes(verb)}
                onChange={(event) =>
                  onChange(event.target.checked ? [...value, verb] : value.filter((other) => other !== verb))
                }
                className="size-4 shrink-0 accent-accent"
              />
              <code className="min-w-0 font-mono text-small break-all">{verb}</code>
            </label>
          ))}
        </div>
      </fieldset>
    );
  return (
    <>
      {group("It may read", reads)}
      {group("It may change", changes)}
      <p className="text-small text-muted">
        Only what the account's roles hold is offered. A role that is taken away later counts for its keys
        too.
      </p>
    </>
  );
}
