/** What the received bytes say. */

/** What a compact token or a JSON document says; shown only, never judged: that was done on arrival. */
export function decodedClaims(raw: Buffer | null): { claims: unknown; header: unknown } {
  const text = raw?.toString("utf8").trim() ?? "";
  const token = /^([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.[A-Za-z0-9_-]*$/.exec(text);
  if (!token) return { claims: jsonOrNull(text), header: null };
  const [header, claims] = [token[1], token[2]].map((part) =>
    jsonOrNull(Buffer.from(part ?? "", "base64url").toString("utf8")),
  );
  return { claims: claims ?? null, header: header ?? null };
}

function jsonOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
