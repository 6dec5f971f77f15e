// The master clock of playback. All tracks follow it; it follows the voice that is being heard, whose pace the sound
// card sets. `at` is always a monotonic time in ms.

export class Clock {
  #position = 0;
  #since = 0;
  #running = false;
  #rate = 1;

  position(at: number): number {
    return this.#running ? this.#position + (at - this.#since) * this.#rate : this.#position;
  }

  get rate(): number {
    return this.#rate;
  }

  get running(): boolean {
    return this.#running;
  }

  run(at: number, running: boolean): void {
    this.#move(at, this.position(at));
    this.#running = running;
  }

  seek(at: number, positionMs: number): void {
    this.#move(at, positionMs);
  }

  pace(at: number, rate: number): void {
    this.#move(at, this.position(at));
    this.#rate = rate;
  }

  /** Leans towards the voice that is being heard: a tenth of the difference at a time, so that nothing jumps. */
  lean(at: number, heardMs: number): void {
    const difference = heardMs - this.position(at);
    if (Math.abs(difference) < LOST_MS) this.#move(at, this.position(at) + difference / 10);
  }

  #move(at: number, positionMs: number): void {
    this.#position = positionMs;
    this.#since = at;
  }
}

/** Above this a track has lost its place and is set anew. */
export const LOST_MS = 300;
/** Below this nobody sees or hears it. */
export const IN_STEP_MS = 40;

export type Correction = { do: 'nothing' } | { do: 'seek' } | { do: 'pace'; rate: number };

/** How a track that plays at `trackMs` comes back into step with the clock. Voices bend less: it would be heard. */
export function correct(trackMs: number, clockMs: number, rate: number, voice: boolean): Correction {
  const ahead = trackMs - clockMs;
  if (Math.abs(ahead) > LOST_MS) return { do: 'seek' };
  if (Math.abs(ahead) <= IN_STEP_MS) return { do: 'pace', rate };
  const most = voice ? 0.04 : 0.15;
  const bend = Math.max(-most, Math.min(most, ahead / 500));
  return { do: 'pace', rate: rate * (1 - bend) };
}
