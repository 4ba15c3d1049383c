/**
 * What a client would like (RFC 7240): `Prefer: published, wait=10`. A preference is a name with or without a value;
 * of one that is named twice the first counts, and parameters after it mean nothing to us.
 */
export function preferences(header: string | string[] | undefined): Map<string, string> {
  const found = new Map<string, string>();
  for (const [, name = '', quoted, word] of [header ?? []].flat().join(',').matchAll(preference)) {
    const known = name.toLowerCase();
    if (!found.has(known)) found.set(known, quoted ?? word ?? '');
  }
  return found;
}

/** Seconds of a preference `wait` (§4.3): `fallback` when it comes without a number, null when it is not asked for. */
export function waitOf(
  wishes: ReadonlyMap<string, string>,
  fallback: number | null,
  most: number,
): number | null {
  const asked = wishes.get('wait');
  if (asked === undefined) return null;
  if (/^\d{1,6}$/.test(asked)) return Math.min(Number(asked), most);
  return asked === '' ? fallback : null;
}

/** Name, value in quotes or plain, then parameters up to the comma. */
const preference =
  /(?:^|,)\s*([\w!#$%&'*+.^`|~-]+)(?:\s*=\s*(?:"([^"\\]*)"|([\w!#$%&'*+.^`|~-]+)))?\s*(?:;[^,]*)?(?=,|$)/g;
