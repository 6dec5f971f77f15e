// What the controls and shortcuts do.

import type { PersonId } from '../generated/PersonId';
import type { Source } from '../generated/Source';
import type { Call } from './call.svelte';
import type { Shortcut } from './keys';
import type { Owned } from './media/devices.svelte';
import type { RoomState } from './state/room.svelte';
import type { Ui } from './ui.svelte';
import { t } from './words';

export class Actions {
  readonly #call: Call;
  readonly #room: () => RoomState;
  readonly #ui: Ui;
  /** Phones cannot share their screen. */
  readonly canShare = typeof navigator.mediaDevices?.getDisplayMedia === 'function';

  constructor(call: Call, room: () => RoomState, ui: Ui) {
    this.#call = call;
    this.#room = room;
    this.#ui = ui;
  }

  microphone(): Promise<void> {
    return this.#toggle('microphone');
  }

  camera(): Promise<void> {
    return this.#toggle('camera');
  }

  async share(): Promise<void> {
    const { sources, notices } = this.#call;
    if (sources.screen) sources.takeBack('screen');
    else if (!(await sources.share())) notices.tell(() => t().notice.shareFailed);
  }

  hand(): void {
    this.#call.send({ type: 'hand', up: (this.#room().self?.hand ?? null) === null });
  }

  mark(on: boolean): void {
    this.#call.send({ type: 'mark', on });
  }

  mute(person: PersonId, source: Source): void {
    this.#call.send({ type: 'mute', person, source });
  }

  muteAll(): void {
    this.#call.send({ type: 'muteAll' });
  }

  lowerHand(person: PersonId): void {
    this.#call.send({ type: 'lowerHand', person });
  }

  eject(person: PersonId): void {
    this.#call.send({ type: 'eject', person });
  }

  /** Moderators are asked, because they may also end the class; everybody else goes at once. */
  leave(): void {
    if (this.#room().moderator) this.#ui.dialog = 'leave';
    else this.#call.leave();
  }

  end(): void {
    this.#call.send({ type: 'end' });
  }

  press(key: Shortcut): void {
    switch (key) {
      case 'microphone':
      case 'camera':
        return void this.#toggle(key);
      case 'share':
        return void (this.canShare && this.share());
      case 'hand':
        return this.hand();
      case 'react':
        this.#ui.reacting = true;
        return;
      case 'chat':
      case 'people':
        return this.#ui.toggle(key);
      case 'layout':
        this.#ui.layout = this.#ui.layout === 'grid' ? 'speaker' : 'grid';
        return;
      case 'help':
        this.#ui.dialog = 'shortcuts';
    }
  }

  async #toggle(device: Owned): Promise<void> {
    const { sources, notices } = this.#call;
    if (await sources.toggle(device)) return;
    const problem = sources.devices.problem;
    if (problem) notices.tell(() => t().device[problem.why](t().devices[problem.device]));
  }
}
