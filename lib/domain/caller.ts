/** Where somebody spoke from, as far as it tells one machine from another. */

const BRACKETED = /^\[([^\]]*)\](:\d+)?$/;
const WITH_PORT = /^([^:]+):\d+$/;

/**
 * An address without its port: each attempt of one machine comes from another one.
 *
 * @returns `null` when the source does not say
 */
export function callerOf(address: string | null): string | null {
  if (address === null) return null;
  return BRACKETED.exec(address)?.[1] ?? WITH_PORT.exec(address)?.[1] ?? address;
}
