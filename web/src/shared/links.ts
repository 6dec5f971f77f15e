// Addresses in chat become links; everything else stays the text that it is.

export interface Piece {
  readonly text: string;
  /** Set if the piece is a link: always http or https. */
  readonly href?: string;
}

const ADDRESS = /https?:\/\/[^\s<>"'`]+/giu;
/** Punctuation that ends the sentence, not the address. */
const TAIL = /[.,;:!?…)\]}»”’]+$/u;

export function pieces(text: string): Piece[] {
  const found: Piece[] = [];
  let at = 0;
  for (const match of text.matchAll(ADDRESS)) {
    const raw = match[0];
    const address = trimmed(raw);
    const href = safe(address);
    if (href === null) continue;
    if (match.index > at) found.push({ text: text.slice(at, match.index) });
    found.push({ text: address, href });
    at = match.index + address.length;
  }
  if (at < text.length) found.push({ text: text.slice(at) });
  return found;
}

function trimmed(address: string): string {
  const tail = TAIL.exec(address)?.[0] ?? '';
  const closes = tail.startsWith(')') && address.includes('(');
  return address.slice(0, address.length - tail.length + (closes ? 1 : 0));
}

function safe(address: string): string | null {
  try {
    const url = new URL(address);
    return url.protocol === 'http:' || url.protocol === 'https:' ? url.href : null;
  } catch {
    return null;
  }
}
