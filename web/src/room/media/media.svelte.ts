// Sound and picture of the stay: the peer connection, which may be made anew, and what hangs on it.

import type { ClientMessage } from '../../generated/ClientMessage';
import type { MediaOffer } from '../../generated/MediaOffer';
import type { PersonId } from '../../generated/PersonId';
import type { SlotAssignment } from '../../generated/SlotAssignment';
import type { Source } from '../../generated/Source';
import { Peer, type PeerState } from './peer';
import { SlotTable, type Binding } from './slots';
import { Speakers } from './sound';
import type { Sources } from './sources.svelte';
import { StatsReader, type Stats } from './stats';
import { Viewport } from './viewport';

const SOURCES: readonly Source[] = ['microphone', 'camera', 'screen', 'screenAudio'];

/** Where a person's source comes in. */
export interface Incoming {
  readonly binding: Binding;
  readonly receiver: RTCRtpReceiver;
}

export class Media {
  state = $state.raw<PeerState>('connecting');
  /** The browser wants a press before it plays sound. */
  blocked = $state(false);
  connectedAt: number | null = null;
  readonly viewport: Viewport;
  readonly #send: (message: ClientMessage) => boolean;
  readonly #sources: Sources;
  readonly #speakers: Speakers;
  readonly #reader = new StatsReader();
  #publishing: Promise<void> = Promise.resolve();
  #peer: Peer | null = null;
  #slots = new SlotTable([]);
  /** Counts changes of the slots, so that tiles look again. */
  #changes = $state(0);

  constructor(sources: Sources, send: (message: ClientMessage) => boolean) {
    this.#sources = sources;
    this.#send = send;
    this.#speakers = new Speakers(sources.devices.chosen.speaker, (blocked) => (this.blocked = blocked));
    this.viewport = new Viewport((views) => send({ type: 'viewport', views }));
  }

  /** Takes an offer: the first, or a new one after a failure. */
  async take(offer: MediaOffer): Promise<void> {
    const again = this.#peer !== null;
    this.#peer?.close();
    this.state = 'connecting';
    this.#slots = new SlotTable(offer.slots);
    const peer = new Peer(offer, {
      answer: (sdp) => this.#send({ type: 'answer', sdp }),
      state: (state) => this.#peer === peer && this.#became(state),
    });
    this.#peer = peer;
    this.#changes += 1;
    try {
      await peer.start(this.#sources.on);
    } catch {
      if (this.#peer === peer) this.state = 'failed';
      return;
    }
    if (this.#peer !== peer) return;
    for (const slot of offer.slots) {
      const receiver = slot.kind === 'audio' || slot.kind === 'screenAudio' ? peer.receiver(slot.mid) : null;
      if (receiver) this.#speakers.attach(slot.mid, receiver.track);
    }
    this.#changes += 1;
    this.#publishAll(false);
    if (again) this.viewport.repeat();
  }

  /** After a dropped connection: tells the server what is on, what was turned off meanwhile, and what is shown. */
  repeat(): void {
    this.#publishAll(true);
    this.viewport.repeat();
  }

  assign(changes: readonly SlotAssignment[]): void {
    this.#slots.assign(changes);
    this.#changes += 1;
  }

  /** Where a person's source is received now; null while it is not. */
  incoming(person: PersonId, source: Source): Incoming | null {
    void this.#changes;
    const binding = this.#slots.find(person, source);
    const receiver = binding && this.#peer?.receiver(binding.mid);
    return binding && receiver ? { binding, receiver } : null;
  }

  /** One after another: the room knows the screen before it hears of the screen's sound. */
  publish(source: Source, track: MediaStreamTrack | null): Promise<void> {
    this.#publishing = this.#publishing.then(() => this.#publish(source, track));
    return this.#publishing;
  }

  async #publish(source: Source, track: MediaStreamTrack | null): Promise<void> {
    // Off is said before the track goes, on after it is there: nothing is sent unannounced.
    if (!track) this.#send({ type: 'publish', source, on: false });
    await this.#peer?.send(source, track).catch(() => undefined);
    if (track) this.#send({ type: 'publish', source, on: true });
  }

  unblock(): void {
    this.#speakers.release();
  }

  chooseSpeaker(id: string): void {
    this.#speakers.choose(id);
  }

  async stats(): Promise<Pick<Stats, 'slots' | 'publish'>> {
    return this.#peer ? this.#reader.read(this.#peer, this.#slots) : { slots: [], publish: [] };
  }

  close(): void {
    this.#peer?.close();
    this.#peer = null;
    this.#speakers.close();
    this.viewport.close();
  }

  #publishAll(alsoOff: boolean): void {
    const on = this.#sources.on;
    for (const source of SOURCES) {
      if (on.has(source) || alsoOff) this.#send({ type: 'publish', source, on: on.has(source) });
    }
  }

  #became(state: PeerState): void {
    this.state = state;
    if (state === 'connected') this.connectedAt ??= performance.now();
    if (state === 'failed') this.#send({ type: 'restartMedia' });
  }
}
