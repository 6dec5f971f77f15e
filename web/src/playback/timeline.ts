// The recording's own time: its segments one after the other, without what lay between them.

import type { PersonId } from '../generated/PersonId';
import type { Manifest, Note, Segment, Track } from './manifest';
import { chunks } from './plan';

export interface Chapter {
  readonly segment: Segment;
  /** ms on the recording's time. */
  readonly startMs: number;
  readonly endMs: number;
}

export interface Bar {
  readonly startMs: number;
  readonly endMs: number;
}

/** One person's line under the timeline. */
export interface Lane {
  readonly person: PersonId;
  readonly name: string;
  readonly voice: readonly Bar[];
  readonly picture: readonly Bar[];
}

export interface TimedNote extends Note {
  /** ms on the recording's time. */
  readonly positionMs: number;
}

/** Longer silence than this between two places of a voice is a pause. */
const PAUSE_MS = 4000;

export function chapters(manifest: Manifest): Chapter[] {
  let startMs = 0;
  return manifest.segments.map((segment) => {
    const chapter = { segment, startMs, endMs: startMs + segment.durationMs };
    startMs = chapter.endMs;
    return chapter;
  });
}

/** The chapter at a position; at the very end the last one. */
export function chapterAt(list: readonly Chapter[], positionMs: number): number {
  const at = list.findIndex((chapter) => positionMs < chapter.endMs);
  return at < 0 ? list.length - 1 : at;
}

/** Where a track has media: its starting places show the pauses. */
export function bars(track: Track): Bar[] {
  const found: { startMs: number; endMs: number }[] = [];
  const list = chunks(track);
  list.forEach((chunk, at) => {
    const last = at === list.length - 1;
    const span = chunk.endMs - chunk.startMs;
    const endMs = last || span <= PAUSE_MS || track.source !== 'microphone' ? chunk.endMs : chunk.startMs + 2000;
    const open = found.at(-1);
    if (open && chunk.startMs - open.endMs < 500) open.endMs = endMs;
    else found.push({ startMs: chunk.startMs, endMs });
  });
  return found;
}

export function lanes(list: readonly Chapter[]): Lane[] {
  const people = new Map<PersonId, { person: PersonId; name: string; voice: Bar[]; picture: Bar[] }>();
  for (const { segment, startMs } of list) {
    for (const track of segment.tracks) {
      if (track.source === 'screenAudio') continue;
      const lane = people.get(track.person) ?? { person: track.person, name: track.name ?? '', voice: [], picture: [] };
      people.set(track.person, lane);
      const moved = bars(track).map((bar) => ({ startMs: bar.startMs + startMs, endMs: bar.endMs + startMs }));
      (track.source === 'microphone' ? lane.voice : lane.picture).push(...moved);
    }
  }
  return [...people.values()].map((lane) => ({ ...lane, voice: united(lane.voice), picture: united(lane.picture) }));
}

/** Bars that touch or overlap become one. */
export function united(list: readonly Bar[]): Bar[] {
  const found: { startMs: number; endMs: number }[] = [];
  for (const bar of [...list].sort((a, b) => a.startMs - b.startMs)) {
    const open = found.at(-1);
    if (open && bar.startMs <= open.endMs) open.endMs = Math.max(open.endMs, bar.endMs);
    else found.push({ ...bar });
  }
  return found;
}

/** Chat and reactions in the order in which they came. */
export function notes(list: readonly Chapter[]): TimedNote[] {
  return list.flatMap(({ segment, startMs }) =>
    segment.notes
      .filter((note) => note.event.kind === 'chat' || note.event.kind === 'reaction')
      .map((note) => ({ ...note, positionMs: startMs + note.atMs })),
  );
}
