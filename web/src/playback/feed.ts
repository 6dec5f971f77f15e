// One track: its bytes fetched around the playhead into a MediaSource, its element kept in step with the clock.

import { correct } from './clock';
import type { Track } from './manifest';
import { chunkAt, chunks, evictions, nextFetch, type Chunk, type Fetch } from './plan';

/**
 * `absent`: nothing was sent at that time; `loading`: something was, and is not here yet; `held`: the last picture
 * still stands, because nothing on it changed.
 */
export type Presence = 'absent' | 'loading' | 'ready' | 'held';

/** A frame counts as there if the buffer begins or ends this near, s. */
const NEAR_S = 0.08;
/** A sound shorter than this is not worth a start, s. */
const BLIP_S = 0.1;
/** A camera's last picture is shown for so long when no other follows, s; a screen's until it ends. */
const HOLD_S = 3;
const RETRY_MS = 1500;

export class Feed {
  readonly track: Track;
  readonly element: HTMLMediaElement;
  /** The link does not open the media any more. */
  refused = false;
  readonly #chunks: Chunk[];
  readonly #token: string | null;
  readonly #source = new MediaSource();
  readonly #url = URL.createObjectURL(this.#source);
  readonly #stop = new AbortController();
  #buffer: SourceBuffer | null = null;
  readonly #loaded = new Set<number>();
  #expected = -1;
  #busy = false;
  #quietUntil = 0;

  constructor(track: Track, token: string | null, element: HTMLMediaElement, durationMs: number) {
    this.track = track;
    this.element = element;
    this.#chunks = chunks(track);
    this.#token = token;
    element.preload = 'auto';
    element.src = this.#url;
    this.#source.addEventListener('sourceopen', () => void this.#open(durationMs), { once: true });
  }

  get voice(): boolean {
    return this.track.source === 'microphone' || this.track.source === 'screenAudio';
  }

  presence(ms: number): Presence {
    if (ms < this.track.startMs - 1000 * NEAR_S || ms > this.track.endMs + 1000 * NEAR_S) return 'absent';
    if (this.#covered(ms / 1000)) return 'ready';
    if (!this.#loaded.has(chunkAt(this.#chunks, ms))) return 'loading';
    return this.#lastBefore(ms / 1000) === null ? 'absent' : 'held';
  }

  /** Whether the element shows or plays what belongs to `ms`. */
  settled(ms: number): boolean {
    const presence = this.presence(ms);
    return presence === 'absent' || (presence !== 'loading' && !this.element.seeking && this.element.readyState >= 2);
  }

  /** Fetches what is needed next and lets go of what is far. */
  tend(ms: number): void {
    if (!this.#buffer || this.#busy || this.refused || performance.now() < this.#quietUntil) return;
    const far = evictions(this.#chunks, this.#loaded, ms);
    const fetch = nextFetch(this.#chunks, this.#loaded, ms);
    if (far.length > 0) void this.#exclusively(() => this.#evict(far));
    else if (fetch) void this.#exclusively(() => this.#load(fetch));
  }

  /** Brings the element to where the clock is. */
  follow(ms: number, playing: boolean, rate: number): void {
    const { element } = this;
    const presence = this.presence(ms);
    if (presence !== 'ready') {
      if (!element.paused) element.pause();
      if (presence === 'held') this.#hold(ms);
      else this.#prepare(ms, Infinity);
      return;
    }
    if (element.seeking) return;
    const correction = playing && !element.paused
      ? correct(element.currentTime * 1000, ms, rate, this.voice)
      : { do: Math.abs(element.currentTime * 1000 - ms) > (playing ? 60 : 10) ? 'seek' : 'nothing' } as const;
    if (correction.do === 'seek') element.currentTime = ms / 1000;
    if (correction.do === 'pace' && Math.abs(element.playbackRate - correction.rate) > 0.002) {
      element.playbackRate = correction.rate;
    }
    if (playing && element.paused) {
      element.playbackRate = rate;
      void element.play().catch(() => undefined);
    }
    if (!playing && !element.paused) element.pause();
  }

  close(): void {
    this.#stop.abort();
    this.element.pause();
    this.element.removeAttribute('src');
    this.element.load();
    URL.revokeObjectURL(this.#url);
  }

  /** In a pause the element waits already where the next sound or picture begins. False if none begins that soon. */
  #prepare(ms: number, withinMs: number): boolean {
    const { buffered, currentTime, seeking } = this.element;
    if (seeking) return true;
    for (let at = 0; at < buffered.length; at += 1) {
      const start = buffered.start(at);
      if (start * 1000 < ms || buffered.end(at) - start < BLIP_S) continue;
      if (start * 1000 > ms + withinMs) return false;
      if (Math.abs(currentTime - start) > 0.02) this.element.currentTime = start;
      return true;
    }
    return false;
  }

  /** Shows the last picture until shortly before the next. */
  #hold(ms: number): void {
    const last = this.#lastBefore(ms / 1000);
    if (last === null || this.#prepare(ms, 200)) return;
    if (Math.abs(this.element.currentTime - last) > 0.3) this.element.currentTime = Math.max(0, last - 0.02);
  }

  /** Where the last picture before `s` ends, s; null if it does not stand any more. */
  #lastBefore(s: number): number | null {
    if (this.voice) return null;
    const { buffered } = this.element;
    let last: number | null = null;
    for (let at = 0; at < buffered.length && buffered.end(at) <= s; at += 1) last = buffered.end(at);
    return last !== null && (this.track.source === 'screen' || s - last < HOLD_S) ? last : null;
  }

  #covered(s: number): boolean {
    const { buffered } = this.element;
    for (let at = 0; at < buffered.length; at += 1) {
      const [start, end] = [buffered.start(at), buffered.end(at)];
      if ((!this.voice || end - start >= BLIP_S) && s >= start - NEAR_S && s < end) return true;
    }
    return false;
  }

  #open(durationMs: number): Promise<void> {
    const buffer = this.#source.addSourceBuffer(this.track.mime);
    this.#source.duration = Math.max(durationMs, this.track.endMs + 100) / 1000;
    return this.#start(buffer);
  }

  /** Appends the file's header, and tries again until that works or is refused. */
  async #start(buffer: SourceBuffer): Promise<void> {
    await this.#exclusively(async () => {
      await appended(buffer, await this.#bytes(0, this.track.initBytes));
      this.#buffer = buffer;
    });
    if (this.#buffer || this.refused || this.#stop.signal.aborted) return;
    setTimeout(() => void this.#start(buffer), RETRY_MS);
  }

  async #load(fetch: Fetch): Promise<void> {
    const buffer = this.#buffer;
    if (!buffer) return;
    const bytes = await this.#bytes(fetch.from, fetch.to);
    // A jump leaves the parser inside a cluster that never ends.
    if (this.#expected !== fetch.first) buffer.abort();
    await appended(buffer, bytes);
    this.#expected = fetch.last + 1;
    for (let at = fetch.first; at <= fetch.last; at += 1) this.#loaded.add(at);
  }

  async #evict(far: readonly number[]): Promise<void> {
    for (const at of far) {
      const chunk = this.#chunks[at];
      this.#loaded.delete(at);
      if (!chunk || !this.#buffer || chunk.endMs <= chunk.startMs) continue;
      const done = updated(this.#buffer);
      this.#buffer.remove(chunk.startMs / 1000, chunk.endMs / 1000);
      await done;
    }
  }

  async #bytes(from: number, to: number): Promise<ArrayBuffer> {
    const query = this.#token === null ? '' : `?t=${encodeURIComponent(this.#token)}`;
    const response = await fetch(this.track.url + query, {
      headers: { range: `bytes=${from}-${to - 1}` },
      signal: this.#stop.signal,
    });
    if (response.status === 403 || response.status === 404 || response.status === 410) this.refused = true;
    if (!response.ok) throw new Error(`status ${response.status}`);
    const bytes = await response.arrayBuffer();
    return response.status === 200 ? bytes.slice(from, to) : bytes;
  }

  /** One thing at a time; what fails is tried again a little later. */
  async #exclusively(work: () => Promise<void>): Promise<void> {
    this.#busy = true;
    try {
      await work();
    } catch {
      this.#quietUntil = performance.now() + RETRY_MS;
    } finally {
      this.#busy = false;
    }
  }
}

function updated(buffer: SourceBuffer): Promise<void> {
  return new Promise((done, failed) => {
    buffer.addEventListener('updateend', () => done(), { once: true });
    buffer.addEventListener('error', () => failed(new Error('the media could not be read')), { once: true });
  });
}

async function appended(buffer: SourceBuffer, bytes: ArrayBuffer): Promise<void> {
  const done = updated(buffer);
  buffer.appendBuffer(bytes);
  await done;
}
