// What is heard: the audio slots, the level of one's own microphone, and the two short sounds of the room.

/** Plays the audio slots, each in an element of its own. */
export class Speakers {
  readonly #elements = new Map<string, HTMLAudioElement>();
  readonly #blocked: (blocked: boolean) => void;
  #sink: string | null;

  /** `blocked` hears whether the browser wants another press before it plays sound. */
  constructor(sink: string | null, blocked: (blocked: boolean) => void) {
    this.#sink = sink;
    this.#blocked = blocked;
  }

  attach(mid: string, track: MediaStreamTrack): void {
    const element = this.#elements.get(mid) ?? new Audio();
    this.#elements.set(mid, element);
    element.autoplay = true;
    element.srcObject = new MediaStream([track]);
    void this.#route(element);
    element.play().catch((error: unknown) => {
      if (error instanceof DOMException && error.name === 'NotAllowedError') this.#blocked(true);
    });
  }

  /** Plays again after a press. */
  release(): void {
    this.#blocked(false);
    for (const element of this.#elements.values()) void element.play().catch(() => this.#blocked(true));
  }

  choose(sink: string): void {
    this.#sink = sink;
    for (const element of this.#elements.values()) void this.#route(element);
  }

  close(): void {
    for (const element of this.#elements.values()) element.srcObject = null;
    this.#elements.clear();
  }

  async #route(element: HTMLAudioElement): Promise<void> {
    if (this.#sink === null || typeof element.setSinkId !== 'function') return;
    await element.setSinkId(this.#sink).catch(() => undefined);
  }
}

/** Reports the level of a track, 0..1, about 15 times a second; returns what ends it. */
export function meter(track: MediaStreamTrack, report: (level: number) => void): () => void {
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  analyser.fftSize = 1024;
  const source = context.createMediaStreamSource(new MediaStream([track]));
  source.connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  let shown = 0;
  const timer = setInterval(() => {
    analyser.getFloatTimeDomainData(samples);
    const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
    // -60 dB is silence, -10 dB is loud speech; the needle falls slower than it rises.
    const level = Math.min(1, Math.max(0, (10 * Math.log10(power + 1e-9) + 60) / 50));
    shown = Math.max(level, shown * 0.8);
    report(shown);
  }, 66);
  return () => {
    clearInterval(timer);
    source.disconnect();
    void context.close();
  };
}

/** The room's sounds as (frequency in Hz, start in s) pairs. */
const SOUNDS = {
  /** Recording is about to begin, or has ended (R31: seen and heard). */
  recording: [
    [587, 0],
    [880, 0.18],
  ],
  test: [
    [440, 0],
    [554, 0.25],
    [659, 0.5],
  ],
} as const;

export async function play(sound: keyof typeof SOUNDS, sink: string | null): Promise<void> {
  const context = new AudioContext();
  const setSink = (context as AudioContext & { setSinkId?: (id: string) => Promise<void> }).setSinkId;
  if (sink !== null && setSink) await setSink.call(context, sink).catch(() => undefined);
  const start = context.currentTime + 0.05;
  for (const [frequency, at] of SOUNDS[sound]) {
    const tone = context.createOscillator();
    const volume = context.createGain();
    tone.frequency.value = frequency;
    volume.gain.setValueAtTime(0, start + at);
    volume.gain.linearRampToValueAtTime(0.15, start + at + 0.02);
    volume.gain.exponentialRampToValueAtTime(0.001, start + at + 0.4);
    tone.connect(volume).connect(context.destination);
    tone.start(start + at);
    tone.stop(start + at + 0.45);
  }
  setTimeout(() => void context.close(), 1500);
}
