// Which bytes of a track are fetched next, and which are let go. Pure: positions in, ranges out.

import type { Track } from './manifest';

/** A stretch that can be decoded by itself: from one starting place to the next. */
export interface Chunk {
  readonly startMs: number;
  readonly endMs: number;
  /** Bytes: first, and first after. */
  readonly from: number;
  readonly to: number;
}

/** Chunks to fetch in one request. */
export interface Fetch {
  readonly first: number;
  /** The last chunk's index, included. */
  readonly last: number;
  readonly from: number;
  readonly to: number;
}

export const AHEAD_MS = 30_000;
export const BEHIND_MS = 20_000;
/** One request asks for no more than this, unless a single chunk is larger. */
const MAX_BYTES = 1 << 20;

export function chunks(track: Track): Chunk[] {
  const places = track.clusters.length > 0 ? track.clusters : [[track.startMs, track.initBytes] as const];
  return places.map(([startMs, from], at) => {
    const next = places[at + 1];
    return { startMs, from, endMs: next?.[0] ?? Math.max(startMs, track.endMs), to: next?.[1] ?? track.bytes };
  });
}

/** The chunk that holds the frame shown at `ms`: the last that starts at or before it; the first if all start later. */
export function chunkAt(list: readonly Chunk[], ms: number): number {
  let low = 0;
  let high = list.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((list[middle]?.startMs ?? 0) <= ms) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** The next request for playing on from `ms`; null if enough is there. */
export function nextFetch(list: readonly Chunk[], loaded: ReadonlySet<number>, ms: number): Fetch | null {
  const wanted = (at: number) => {
    const chunk = list[at];
    return chunk !== undefined && chunk.startMs < ms + AHEAD_MS;
  };
  let first = chunkAt(list, ms);
  while (wanted(first) && loaded.has(first)) first += 1;
  const start = list[first];
  if (start === undefined || !wanted(first)) return null;
  let last = first;
  let to = start.to;
  for (let at = first + 1; wanted(at) && !loaded.has(at); at += 1) {
    const end = list[at]?.to ?? to;
    if (end - start.from > MAX_BYTES) break;
    last = at;
    to = end;
  }
  return { first, last, from: start.from, to };
}

/** Loaded chunks that are far from `ms` now. */
export function evictions(list: readonly Chunk[], loaded: ReadonlySet<number>, ms: number): number[] {
  return [...loaded].filter((at) => {
    const chunk = list[at];
    return chunk === undefined || chunk.endMs < ms - BEHIND_MS || chunk.startMs > ms + 2 * AHEAD_MS;
  });
}
