// The one peer connection: the server offers, we answer once, and tracks come and go without renegotiation (N4).

import type { MediaOffer } from '../../generated/MediaOffer';
import type { Source } from '../../generated/Source';

/** Bits per second and down-scaling of the camera's simulcast encodings. */
const ENCODINGS: Readonly<Record<string, { maxBitrate: number; scaleResolutionDownBy: number }>> = {
  q: { maxBitrate: 150_000, scaleResolutionDownBy: 4 },
  h: { maxBitrate: 500_000, scaleResolutionDownBy: 2 },
  f: { maxBitrate: 1_700_000, scaleResolutionDownBy: 1 },
};
const SCREEN_BITRATE = 2_500_000;

export type PeerState = 'connecting' | 'connected' | 'shaky' | 'failed';

export interface PeerHooks {
  answer(sdp: string): void;
  state(state: PeerState): void;
}

export class Peer {
  readonly #connection: RTCPeerConnection;
  readonly #offer: MediaOffer;
  readonly #hooks: PeerHooks;
  readonly #byMid = new Map<string, RTCRtpTransceiver>();

  constructor(offer: MediaOffer, hooks: PeerHooks) {
    this.#offer = offer;
    this.#hooks = hooks;
    this.#connection = new RTCPeerConnection({ bundlePolicy: 'max-bundle', iceServers: offer.iceServers });
    this.#connection.onconnectionstatechange = () => this.#report();
  }

  /** Applies the offer and hands the answer out. `tracks` are the sources that are on already. */
  async start(tracks: ReadonlyMap<Source, MediaStreamTrack>): Promise<void> {
    const connection = this.#connection;
    await connection.setRemoteDescription({ type: 'offer', sdp: this.#offer.sdp });
    for (const transceiver of connection.getTransceivers()) {
      if (transceiver.mid !== null) this.#byMid.set(transceiver.mid, transceiver);
    }
    for (const { mid } of this.#offer.publish) this.#direct(mid, 'sendonly');
    for (const { mid } of this.#offer.slots) this.#direct(mid, 'recvonly');
    await Promise.all([...tracks].map(([source, track]) => this.send(source, track)));
    await connection.setLocalDescription(await connection.createAnswer());
    await Promise.all(this.#offer.publish.map(({ source }) => this.#tune(source)));
    this.#hooks.answer(connection.localDescription?.sdp ?? '');
  }

  /** Puts a track into a source's section, or takes it out. */
  async send(source: Source, track: MediaStreamTrack | null): Promise<void> {
    const sender = this.#sender(source);
    if (!sender) return;
    await sender.replaceTrack(track);
    if (track) await this.#tune(source);
  }

  receiver(mid: string): RTCRtpReceiver | null {
    return this.#byMid.get(mid)?.receiver ?? null;
  }

  stats(): Promise<RTCStatsReport> {
    return this.#connection.getStats();
  }

  get offer(): MediaOffer {
    return this.#offer;
  }

  close(): void {
    this.#connection.onconnectionstatechange = null;
    this.#connection.close();
  }

  #direct(mid: string, direction: RTCRtpTransceiverDirection): void {
    const transceiver = this.#byMid.get(mid);
    if (transceiver) transceiver.direction = direction;
  }

  #sender(source: Source): RTCRtpSender | null {
    const mid = this.#offer.publish.find((section) => section.source === source)?.mid;
    return (mid !== undefined && this.#byMid.get(mid)?.sender) || null;
  }

  /** Sets bitrates; a browser that refuses keeps its own, which works too. */
  async #tune(source: Source): Promise<void> {
    const sender = this.#sender(source);
    if (!sender || (source !== 'camera' && source !== 'screen')) return;
    const parameters = sender.getParameters();
    for (const encoding of parameters.encodings) {
      if (source === 'screen') encoding.maxBitrate = SCREEN_BITRATE;
      else Object.assign(encoding, ENCODINGS[encoding.rid ?? ''] ?? { maxBitrate: 1_700_000 });
    }
    await sender.setParameters(parameters).catch(() => undefined);
  }

  #report(): void {
    switch (this.#connection.connectionState) {
      case 'connected':
        return this.#hooks.state('connected');
      case 'disconnected':
        return this.#hooks.state('shaky');
      case 'failed':
      case 'closed':
        return this.#hooks.state('failed');
    }
  }
}
