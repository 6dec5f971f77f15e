// What a device remembers for its owner (R5): devices, language and theme; never who somebody is or where they were.

export interface Preferences {
  language?: 'de' | 'en';
  theme?: 'light' | 'dark';
  camera?: string;
  microphone?: string;
  speaker?: string;
  /** Whether single keys are shortcuts. */
  keys?: boolean;
  /** Width of the side panel, CSS px. */
  panel?: number;
  /** When they were last written, Unix ms; they are forgotten after a year. */
  written?: number;
}

const KEY = 'lectern';
const YEAR = 365 * 24 * 3600 * 1000;

/** Reads what is remembered; a blocked, broken or year-old store is an empty one. */
export function preferences(now = Date.now()): Preferences {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(KEY) ?? '{}');
    if (typeof stored !== 'object' || stored === null) return {};
    const kept = stored as Preferences;
    return now - (kept.written ?? 0) > YEAR ? {} : kept;
  } catch {
    return {};
  }
}

/** Forgets one of them. */
export function forget(name: keyof Preferences, now = Date.now()): void {
  const kept = Object.entries(preferences(now)).filter(([key]) => key !== name);
  write({ ...Object.fromEntries(kept), written: now });
}

/** Remembers some of them; without storage the page works on for this visit. */
export function remember(change: Preferences, now = Date.now()): void {
  write({ ...preferences(now), ...change, written: now });
}

function write(kept: Preferences): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(kept));
  } catch {
    // Private windows may refuse storage.
  }
}
