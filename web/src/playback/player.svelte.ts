// Plays a recording: the tracks of the segment at hand, all in step with one clock.

import { Clock } from './clock';
import { Feed } from './feed';
import type { Manifest, Track } from './manifest';
import { chapterAt, chapters, type Chapter } from './timeline';

const TICK_MS = 50;
/** So long a seek waits for pictures before time goes on without them. */
const PATIENCE_MS = 4000;

export class Player {
  readonly chapters: readonly Chapter[];
  readonly durationMs: number;
  /** ms on the recording's time. */
  position = $state(0);
  playing = $state(false);
  rate = $state(1);
  volume = $state(1);
  /** Time stands because bytes are missing. */
  waiting = $state(true);
  /** Something was shown once. */
  ready = $state(false);
  refused = $state(false);
  chapter = $state.raw(0);
  /** Tracks of the segment that are there at the position, by track number. */
  present = $state.raw<ReadonlySet<number>>(new Set());

  readonly #token: string | null;
  readonly #clock = new Clock();
  readonly #feeds = new Map<number, Feed>();
  readonly #timer: ReturnType<typeof setInterval>;
  #settling = 0;

  constructor(manifest: Manifest, token: string | null) {
    this.chapters = chapters(manifest);
    this.durationMs = this.chapters.at(-1)?.endMs ?? 0;
    this.#token = token;
    this.#settling = performance.now();
    this.#listen();
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
  }

  get tracks(): readonly Track[] {
    return this.chapters[this.chapter]?.segment.tracks ?? [];
  }

  /** Gives a track of the present segment its element; returns what takes it back. */
  attach(track: Track, element: HTMLMediaElement): () => void {
    const segment = this.chapters[this.chapter]?.segment;
    const feed = new Feed(track, this.#token, element, segment?.durationMs ?? 0);
    element.volume = this.volume;
    this.#feeds.set(track.track, feed);
    this.#settling = performance.now();
    return () => {
      feed.close();
      if (this.#feeds.get(track.track) === feed) this.#feeds.delete(track.track);
    };
  }

  toggle(): void {
    if (!this.playing && this.position >= this.durationMs - 50) this.seek(0);
    this.playing = !this.playing;
  }

  seek(positionMs: number): void {
    const at = performance.now();
    const position = Math.min(this.durationMs, Math.max(0, positionMs));
    this.#clock.seek(at, position);
    this.#clock.run(at, false);
    this.#settling = at;
    this.position = position;
    this.#enter(position);
  }

  pace(rate: number): void {
    this.rate = rate;
    this.#clock.pace(performance.now(), rate);
  }

  loudness(volume: number): void {
    this.volume = volume;
    for (const feed of this.#feeds.values()) feed.element.volume = volume;
  }

  close(): void {
    clearInterval(this.#timer);
    for (const feed of this.#feeds.values()) feed.close();
    this.#feeds.clear();
  }

  /** Voices have no place on the page: they get elements of their own. */
  #listen(): void {
    for (const track of this.tracks) {
      if (track.source === 'microphone' || track.source === 'screenAudio') this.attach(track, new Audio());
    }
  }

  #enter(position: number): void {
    const next = chapterAt(this.chapters, position);
    if (next === this.chapter) return;
    for (const [track, feed] of this.#feeds) {
      if (feed.voice) {
        feed.close();
        this.#feeds.delete(track);
      }
    }
    this.chapter = next;
    this.#settling = performance.now();
    this.#listen();
  }

  #tick(): void {
    const at = performance.now();
    const position = Math.min(this.durationMs, this.#clock.position(at));
    this.#enter(position);
    const local = position - (this.chapters[this.chapter]?.startMs ?? 0);
    const feeds = [...this.#feeds.values()];
    for (const feed of feeds) feed.tend(local);

    const patient = at - this.#settling < PATIENCE_MS;
    const loading = feeds.some((feed) => feed.presence(local) === 'loading');
    const settling = patient && this.#settling > 0 && !feeds.every((feed) => feed.settled(local));
    this.refused = feeds.some((feed) => feed.refused);
    this.waiting = loading || settling;
    if (!this.waiting) {
      this.#settling = 0;
      this.ready = true;
    }

    const running = this.playing && !this.waiting;
    if (running !== this.#clock.running) this.#clock.run(at, running);
    for (const feed of feeds) feed.follow(local, running, this.rate);
    if (running) this.#lean(at, local, feeds);
    this.#show(position, local, feeds);
    if (position >= this.durationMs) this.#finish(at);
  }

  /** The clock follows one voice that is being heard. */
  #lean(at: number, local: number, feeds: readonly Feed[]): void {
    const lead = feeds.find((feed) => {
      const { paused, seeking, readyState, playbackRate } = feed.element;
      return feed.voice && !paused && !seeking && readyState >= 3 && playbackRate === this.rate && feed.presence(local) === 'ready';
    });
    const start = this.chapters[this.chapter]?.startMs ?? 0;
    if (lead) this.#clock.lean(at, start + lead.element.currentTime * 1000);
  }

  #show(position: number, local: number, feeds: readonly Feed[]): void {
    this.position = position;
    const present = feeds.filter((feed) => feed.presence(local) !== 'absent').map((feed) => feed.track.track);
    if (present.length !== this.present.size || present.some((track) => !this.present.has(track))) {
      this.present = new Set(present);
    }
  }

  #finish(at: number): void {
    this.playing = false;
    this.#clock.run(at, false);
    this.#clock.seek(at, this.durationMs);
  }
}
