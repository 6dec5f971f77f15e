import { describe, expect, test } from 'vitest';

import { Clock, correct } from '../src/playback/clock';
import type { Manifest, Segment, Track } from '../src/playback/manifest';
import { AHEAD_MS, chunkAt, chunks, evictions, nextFetch } from '../src/playback/plan';
import { bars, chapterAt, chapters, lanes, notes, united } from '../src/playback/timeline';

function track(change: Partial<Track> = {}): Track {
  const clusters = Array.from({ length: 60 }, (_, at) => [at * 2000, 400 + at * 10_000] as const);
  return {
    track: 1,
    person: 'w_a',
    name: 'Ada',
    source: 'microphone',
    mime: 'audio/webm; codecs="opus"',
    url: '/x.webm',
    bytes: 400 + 60 * 10_000,
    initBytes: 400,
    startMs: 0,
    endMs: 120_000,
    clusters,
    ...change,
  };
}

const segment = (change: Partial<Segment> = {}): Segment => ({
  segment: 1,
  startedUnixMs: 0,
  durationMs: 120_000,
  tracks: [track()],
  notes: [],
  ...change,
});

const manifest = (...segments: Segment[]): Manifest => ({
  id: 'm',
  name: 'M',
  startedUnixMs: 0,
  expiresUnixMs: null, keptDays: null,
  segments,
});

describe('which bytes come next', () => {
  const list = chunks(track());

  test('the first request begins at the chunk of the playhead and stays bounded', () => {
    const fetch = nextFetch(list, new Set(), 5000);
    expect(fetch).toMatchObject({ first: 2, from: 20_400 });
    expect((fetch?.to ?? 0) - (fetch?.from ?? 0)).toBeLessThanOrEqual(1 << 20);
    expect(list[fetch?.last ?? 0]?.startMs).toBeLessThan(5000 + AHEAD_MS);
  });

  test('what is loaded is not asked for again, and holes are filled first', () => {
    expect(nextFetch(list, new Set([0, 1, 3]), 0)).toMatchObject({ first: 2, last: 2 });
  });

  test('with enough ahead nothing is asked for', () => {
    const loaded = new Set(Array.from({ length: 15 }, (_, at) => at));
    expect(nextFetch(list, loaded, 0)).toBeNull();
    expect(nextFetch(list, loaded, 2500)).toMatchObject({ first: 15 });
  });

  test('a track that begins later is fetched only when it is near', () => {
    const late = chunks(track({ startMs: 100_000, clusters: [[100_000, 400]] }));
    expect(nextFetch(late, new Set(), 0)).toBeNull();
    expect(nextFetch(late, new Set(), 80_000)).toMatchObject({ first: 0, from: 400 });
  });

  test('a chunk larger than a request comes whole', () => {
    const big = chunks(track({ bytes: 9_000_000, clusters: [[0, 400], [10_000, 5_000_000]] }));
    expect(nextFetch(big, new Set(), 0)).toMatchObject({ first: 0, last: 0, to: 5_000_000 });
  });

  test('a file without places is one chunk', () => {
    expect(chunks(track({ clusters: [] }))).toEqual([{ startMs: 0, endMs: 120_000, from: 400, to: 600_400 }]);
  });

  test('far chunks are let go, near ones stay', () => {
    const loaded = new Set([0, 5, 29, 30, 59]);
    expect(evictions(list, loaded, 60_000)).toEqual([0, 5]);
    expect(evictions(list, loaded, 0)).toEqual([59]);
  });

  test('the chunk at a time is the last that starts before it', () => {
    expect(chunkAt(list, 0)).toBe(0);
    expect(chunkAt(list, 3999)).toBe(1);
    expect(chunkAt(list, 4000)).toBe(2);
    expect(chunkAt(list, 1e9)).toBe(59);
    expect(chunkAt(list, -5)).toBe(0);
  });
});

describe('the master clock', () => {
  test('stands, runs, changes pace and is set', () => {
    const clock = new Clock();
    expect(clock.position(1000)).toBe(0);
    clock.run(1000, true);
    expect(clock.position(1500)).toBe(500);
    clock.pace(1500, 2);
    expect(clock.position(1600)).toBe(700);
    clock.run(1600, false);
    expect(clock.position(9000)).toBe(700);
    clock.seek(9000, 5);
    expect(clock.position(9100)).toBe(5);
  });

  test('leans to the voice that is heard but does not jump to one that lost its place', () => {
    const clock = new Clock();
    clock.seek(0, 1000);
    clock.lean(0, 1050);
    expect(clock.position(0)).toBe(1005);
    clock.lean(0, 9000);
    expect(clock.position(0)).toBe(1005);
  });

  test('tracks within 40 ms are in step, others bend, lost ones are set anew', () => {
    expect(correct(1030, 1000, 1, false)).toEqual({ do: 'pace', rate: 1 });
    const late = correct(900, 1000, 1, false);
    expect(late.do === 'pace' && late.rate).toBeGreaterThan(1);
    const early = correct(1100, 1000, 2, true);
    expect(early.do === 'pace' && early.rate).toBeLessThan(2);
    expect(correct(2000, 1000, 1, true)).toEqual({ do: 'seek' });
  });
});

describe('the timeline', () => {
  const two = chapters(manifest(segment(), segment({ segment: 2, durationMs: 30_000 })));

  test('segments follow each other without what lay between', () => {
    expect(two.map(({ startMs, endMs }) => [startMs, endMs])).toEqual([
      [0, 120_000],
      [120_000, 150_000],
    ]);
    expect(chapterAt(two, 119_999)).toBe(0);
    expect(chapterAt(two, 120_000)).toBe(1);
    expect(chapterAt(two, 999_999)).toBe(1);
  });

  test('a voice with a pause makes two bars', () => {
    const talk = track({ clusters: [[0, 400], [2000, 1000], [30_000, 2000], [32_000, 3000]], endMs: 33_500 });
    expect(bars(talk)).toEqual([
      { startMs: 0, endMs: 4000 },
      { startMs: 30_000, endMs: 33_500 },
    ]);
  });

  test('every person has one lane over all segments', () => {
    const found = lanes(two);
    expect(found).toHaveLength(1);
    expect(found[0]?.voice).toEqual([{ startMs: 0, endMs: 240_000 }]);
  });

  test('bars that overlap become one', () => {
    const list = [{ startMs: 5, endMs: 9 }, { startMs: 0, endMs: 5 }, { startMs: 7, endMs: 8 }, { startMs: 20, endMs: 21 }];
    expect(united(list)).toEqual([
      { startMs: 0, endMs: 9 },
      { startMs: 20, endMs: 21 },
    ]);
  });

  test('chat is placed on the time of the whole', () => {
    const message = { id: 1, from: 'w_a', name: 'Ada', to: null, text: 'Hi', atMs: 1 };
    const list = chapters(manifest(segment(), segment({ notes: [{ atMs: 500, event: { kind: 'chat', message } }] })));
    expect(notes(list).map((note) => note.positionMs)).toEqual([120_500]);
  });
});
