/** The front end's address, if it is one that a page may be sent to: never a script, never a file. */
export function wayBack(address: string | null, here: string): string | null {
  if (address === null || address === '') return null;
  try {
    const url = new URL(address, here);
    return url.protocol === 'http:' || url.protocol === 'https:' ? url.href : null;
  } catch {
    return null;
  }
}
