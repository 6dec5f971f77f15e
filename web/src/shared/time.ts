/** `ms` as `m:ss` or `h:mm:ss`. */
export function clock(ms: number): string {
  const total = Math.max(0, Math.floor(ms / 1000));
  const seconds = String(total % 60).padStart(2, '0');
  const minutes = Math.floor(total / 60) % 60;
  const hours = Math.floor(total / 3600);
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, '0')}:${seconds}` : `${minutes}:${seconds}`;
}

/** A Unix time (ms) as a date and time of day in words of the language. */
export function moment(unixMs: number, language: string): string {
  return new Date(unixMs).toLocaleString(language, { dateStyle: 'medium', timeStyle: 'short' });
}

/** A Unix time (ms) as a date in words of the language. */
export function day(unixMs: number, language: string): string {
  return new Date(unixMs).toLocaleDateString(language, { dateStyle: 'long' });
}
