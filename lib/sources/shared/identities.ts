/** Who a node is, out of fields that may be empty, masked or a vendor's placeholder. */
import type { IdentityKind, NodeIdentity } from "#lib/domain/verdict";
import { isIdentityText } from "./text.ts";

const MAX_IDENTITIES = 32;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** UUIDs that boards ship with; thousands of machines have them. */
const SHIPPED_UUIDS: ReadonlySet<string> = new Set([
  "03000200-0400-0500-0006-000700080009",
  "12345678-1234-5678-90ab-cddeefaabbcc",
  "fefefefe-fefe-fefe-fefe-fefefefefefe",
]);

const SHIPPED_SERIALS =
  /^(0+|1234567(89?0?)?|none|n\/?a|unknown|default string|system serial number|not (specified|available|applicable)|to be filled by o\.?e\.?m\.?|chassis serial number|x+)$/i;

/** What a value of a kind must look like before it may say who a node is. */
const SHAPES: Readonly<Partial<Record<IdentityKind, (value: string) => boolean>>> = {
  k8s_node_uid: (value) => UUID.test(value),
  machine_uid: (value) => UUID.test(value),
  boot_id: (value) => UUID.test(value),
  system_uuid: (value) =>
    UUID.test(value) &&
    !SHIPPED_UUIDS.has(value.toLowerCase()) &&
    new Set(value.toLowerCase().replaceAll("-", "")).size > 1,
  provider_id: (value) => /^[a-z][a-z0-9+.-]*:\/\/[^/]*\/*[^/]/i.test(value),
  serial: (value) => !SHIPPED_SERIALS.test(value.trim()),
  mac: (value) => /^[0-9a-f]{2}([:-][0-9a-f]{2}){5}$/i.test(value) && !/^(00.){5}00$/.test(value),
};

/**
 * The identities among some fields, each once, in the given order.
 *
 * A field that is absent, unprintable or a well-known placeholder names nobody and is left out: a
 * thousand machines with the serial number `Default string` must not become one node.
 */
export function identitiesOf(
  fields: readonly (readonly [kind: IdentityKind, value: string | null])[],
): NodeIdentity[] {
  const found = new Map<string, NodeIdentity>();
  for (const [kind, value] of fields) {
    if (value === null || !isIdentityText(value) || SHAPES[kind]?.(value) === false) continue;
    if (found.size < MAX_IDENTITIES) found.set(`${kind} ${value}`, { kind, value });
  }
  return [...found.values()];
}
