// Cameras, microphones and speakers. Nothing is opened before its owner presses (R11), and what is off is released.

import { preferences, remember } from '../../shared/preferences';

export type Owned = 'camera' | 'microphone';
export type DeviceProblem = 'denied' | 'missing' | 'busy' | 'insecure';

const KINDS = { camera: 'videoinput', microphone: 'audioinput', speaker: 'audiooutput' } as const;
export type DeviceKind = keyof typeof KINDS;

export class Devices {
  /** The open tracks. */
  camera = $state.raw<MediaStreamTrack | null>(null);
  microphone = $state.raw<MediaStreamTrack | null>(null);
  /** Why a device could not be opened last. */
  problem = $state.raw<{ device: Owned; why: DeviceProblem } | null>(null);
  chosen = $state<Record<DeviceKind, string | null>>({
    camera: preferences().camera ?? null,
    microphone: preferences().microphone ?? null,
    speaker: preferences().speaker ?? null,
  });
  #known = $state.raw<readonly MediaDeviceInfo[]>([]);
  /** Called when a device went away by itself. */
  lost: (device: Owned) => void = () => undefined;

  constructor() {
    navigator.mediaDevices?.addEventListener('devicechange', () => void this.list());
    void this.list();
  }

  /** The devices of a kind that the browser names (it names them after the first permission). */
  of(kind: DeviceKind): readonly MediaDeviceInfo[] {
    return this.#known.filter((device) => device.kind === KINDS[kind] && device.deviceId !== '');
  }

  async list(): Promise<void> {
    this.#known = (await navigator.mediaDevices?.enumerateDevices().catch(() => [])) ?? [];
  }

  /** Opens a device; null with `problem` set if that fails. */
  async open(device: Owned): Promise<MediaStreamTrack | null> {
    const open = this[device];
    if (open) return open;
    if (!navigator.mediaDevices) return this.#fail(device, 'insecure');
    try {
      const stream = await navigator.mediaDevices.getUserMedia(constraints(device, this.chosen[device]));
      const track = stream.getTracks()[0];
      if (!track) return this.#fail(device, 'missing');
      track.addEventListener('ended', () => {
        if (this[device] !== track) return;
        this[device] = null;
        this.lost(device);
      });
      this.problem = null;
      this[device] = track;
      void this.list();
      return track;
    } catch (error) {
      return this.#fail(device, reason(error));
    }
  }

  close(device: Owned): void {
    this[device]?.stop();
    this[device] = null;
  }

  /** Remembers the choice; true if an open device has to be opened anew for it. */
  choose(kind: DeviceKind, id: string): boolean {
    this.chosen[kind] = id;
    remember({ [kind]: id });
    if (kind === 'speaker' || !this[kind]) return false;
    this.close(kind);
    return true;
  }

  #fail(device: Owned, why: DeviceProblem): null {
    this.problem = { device, why };
    return null;
  }
}

/** Whether this browser can send sound to a chosen speaker. */
export const canChooseSpeaker = 'setSinkId' in HTMLMediaElement.prototype;

function constraints(device: Owned, id: string | null): MediaStreamConstraints {
  // `ideal`: a remembered device that is not plugged in today must not keep its owner out.
  const deviceId = id === null ? {} : { deviceId: { ideal: id } };
  return device === 'camera'
    ? { video: { ...deviceId, width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 24, max: 30 } } }
    : { audio: { ...deviceId, echoCancellation: true, noiseSuppression: true, autoGainControl: true } };
}

function reason(error: unknown): DeviceProblem {
  const name = error instanceof DOMException ? error.name : '';
  if (name === 'NotAllowedError' || name === 'SecurityError') return 'denied';
  return name === 'NotFoundError' || name === 'OverconstrainedError' ? 'missing' : 'busy';
}
