/** The domain itself and those above it, as far as they are known. */
export function domainsAbove(parents: ReadonlyMap<string, string | null>, trustDomainId: string): string[] {
  const domains: string[] = [];
  for (
    let at: string | null = trustDomainId;
    at !== null && !domains.includes(at);
    at = parents.get(at) ?? null
  )
    domains.push(at);
  return domains;
}
