// What was recorded when, and where in the track files it lies (written by the recorder).

import type { Event } from '../generated/Event';
import type { PersonId } from '../generated/PersonId';
import type { Source } from '../generated/Source';

export interface Track {
  readonly track: number;
  readonly person: PersonId;
  readonly name: string | null;
  readonly source: Source;
  readonly mime: string;
  readonly url: string;
  /** Bytes of the whole file, and of the header that a player needs once. */
  readonly bytes: number;
  readonly initBytes: number;
  /** First and last frame, ms since the segment's zero. */
  readonly startMs: number;
  readonly endMs: number;
  /** Places at which decoding can start: (ms, byte offset), in order. */
  readonly clusters: readonly (readonly [number, number])[];
}

export interface Note {
  readonly atMs: number;
  readonly event: Event;
}

export interface Segment {
  readonly segment: number;
  readonly startedUnixMs: number;
  readonly durationMs: number;
  readonly tracks: readonly Track[];
  readonly notes: readonly Note[];
}

export interface Manifest {
  readonly id: string;
  readonly name: string | null;
  readonly startedUnixMs: number;
  /** When it will be erased; null = not by itself. */
  readonly expiresUnixMs: number | null;
  /** While the class still runs: days after its end until it is erased; null = not by itself. */
  readonly keptDays: number | null;
  readonly segments: readonly Segment[];
}

/** Why there is nothing to see. */
export type Absence = 'expired' | 'unknown' | 'processing' | 'unpublished' | 'erased' | 'broken' | 'empty' | 'browser';

const ABSENCES: readonly string[] = ['expired', 'unknown', 'processing', 'unpublished', 'erased'];

/** The recording's id from `/recordings/{id}`. */
export function recordingId(path: string): string {
  return path.split('/')[2] ?? '';
}

export async function loadManifest(id: string, token: string | null): Promise<Manifest | Absence> {
  const query = token === null ? '' : `?t=${encodeURIComponent(token)}`;
  try {
    const response = await fetch(`/recordings/${id}/manifest.json${query}`);
    if (!response.ok) {
      const { state } = (await response.json()) as { state?: string };
      return state !== undefined && ABSENCES.includes(state) ? (state as Absence) : 'broken';
    }
    const manifest = (await response.json()) as Manifest;
    return manifest.segments.length === 0 ? 'processing' : manifest;
  } catch {
    return 'broken';
  }
}
