// The person's own sources: released and taken back by nobody else (R11). A moderator's mute only takes them back.

import type { Source } from '../../generated/Source';
import { Devices, type Owned } from './devices.svelte';

export interface SourceHooks {
  /** A source's track changed; null is off. */
  changed(source: Source, track: MediaStreamTrack | null): void;
  /** A device or shared screen went away by itself. */
  lost(source: Source): void;
}

export class Sources {
  readonly devices = new Devices();
  screen = $state.raw<MediaStreamTrack | null>(null);
  #screenAudio: MediaStreamTrack | null = null;
  #hooks: SourceHooks = { changed: () => undefined, lost: () => undefined };

  constructor() {
    this.devices.lost = (device) => {
      this.#hooks.changed(device, null);
      this.#hooks.lost(device);
    };
  }

  connect(hooks: SourceHooks): void {
    this.#hooks = hooks;
  }

  get microphone(): MediaStreamTrack | null {
    return this.devices.microphone;
  }

  get camera(): MediaStreamTrack | null {
    return this.devices.camera;
  }

  /** All sources that are on. */
  get on(): Map<Source, MediaStreamTrack> {
    const all: [Source, MediaStreamTrack | null][] = [
      ['microphone', this.microphone],
      ['camera', this.camera],
      ['screen', this.screen],
      ['screenAudio', this.#screenAudio],
    ];
    return new Map(all.filter((entry): entry is [Source, MediaStreamTrack] => entry[1] !== null));
  }

  /** The owner presses a device's button. False if it could not be opened (`devices.problem` says why). */
  async toggle(device: Owned): Promise<boolean> {
    if (this[device]) {
      this.takeBack(device);
      return true;
    }
    const track = await this.devices.open(device);
    if (track) this.#hooks.changed(device, track);
    return track !== null;
  }

  /** Another device was chosen: an open one is exchanged. */
  async exchange(device: Owned, id: string): Promise<void> {
    if (!this.devices.choose(device, id)) return;
    const track = await this.devices.open(device);
    this.#hooks.changed(device, track);
  }

  /** Asks the browser which screen to share. False if it cannot, or may not; true also if the person thought better. */
  async share(): Promise<boolean> {
    if (typeof navigator.mediaDevices?.getDisplayMedia !== 'function') return false;
    try {
      const stream = await navigator.mediaDevices.getDisplayMedia({
        video: { frameRate: { ideal: 15, max: 30 } },
        audio: true,
      });
      const [video] = stream.getVideoTracks();
      if (!video) return false;
      video.contentHint = 'detail';
      video.addEventListener('ended', () => this.screen === video && this.takeBack('screen'));
      this.screen = video;
      this.#screenAudio = stream.getAudioTracks()[0] ?? null;
      this.#hooks.changed('screen', video);
      if (this.#screenAudio) this.#hooks.changed('screenAudio', this.#screenAudio);
      return true;
    } catch (error) {
      // The browser calls "I do not want to" and "I may not" by the same name; neither needs an explanation.
      return error instanceof DOMException && error.name === 'NotAllowedError';
    }
  }

  takeBack(source: Source): void {
    if (source === 'camera' || source === 'microphone') this.devices.close(source);
    else this.#unshare(source);
    this.#hooks.changed(source, null);
  }

  close(): void {
    for (const track of this.on.values()) track.stop();
    this.devices.close('camera');
    this.devices.close('microphone');
    this.screen = null;
    this.#screenAudio = null;
  }

  #unshare(source: 'screen' | 'screenAudio'): void {
    const audio = this.#screenAudio;
    audio?.stop();
    this.#screenAudio = null;
    if (source === 'screenAudio') return;
    this.screen?.stop();
    this.screen = null;
    if (audio) this.#hooks.changed('screenAudio', null);
  }
}
