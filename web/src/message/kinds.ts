/** What the message page can say (`?kind=`). Every unknown path is `not-found`. */
export const KINDS = [
  'not-found',
  'link-expired',
  'meeting-ended',
  'left',
  'ejected',
  'session',
  'no-cookie',
  'browser',
  'server',
  'refused',
] as const;

export type Kind = (typeof KINDS)[number];

export function kindOf(search: string): Kind {
  const kind = new URLSearchParams(search).get('kind') ?? 'not-found';
  return KINDS.find((known) => known === kind) ?? 'not-found';
}

/**
 * The key of the first error that a refused join left in the address (`errors=[{"key":…}]`); null if there is none.
 * Its text is never shown: words come from our dictionaries alone.
 */
export function errorKey(search: string): string | null {
  try {
    const errors: unknown = JSON.parse(new URLSearchParams(search).get('errors') ?? '[]');
    const first: unknown = Array.isArray(errors) ? errors[0] : null;
    if (typeof first !== 'object' || first === null || !('key' in first)) return null;
    return typeof first.key === 'string' ? first.key : null;
  } catch {
    return null;
  }
}
