// What is open on the screen, and how the pictures are arranged.

import type { PersonId } from '../generated/PersonId';
import { preferences, remember } from '../shared/preferences';

export type Panel = 'people' | 'chat';
export type Dialog = 'about' | 'shortcuts' | 'devices' | 'leave' | 'end';

const NARROWEST = 280;
const WIDEST = 560;

export class Ui {
  panel = $state<Panel | null>(null);
  dialog = $state<Dialog | null>(null);
  layout = $state<'grid' | 'speaker'>('grid');
  pageIndex = $state(0);
  /** Whom the next chat message is for; null is everybody. */
  chatTo = $state<PersonId | null>(null);
  /** What was typed and not sent yet. */
  draft = $state('');
  /** How many messages were there when the chat was last seen. */
  read = $state(0);
  keys = $state(preferences().keys ?? true);
  /** CSS px. */
  panelWidth = $state(preferences().panel ?? 360);
  reacting = $state(false);

  toggle(panel: Panel): void {
    this.panel = this.panel === panel ? null : panel;
  }

  writeTo(person: PersonId): void {
    this.chatTo = person;
    this.panel = 'chat';
  }

  widen(width: number): void {
    this.panelWidth = Math.round(Math.min(WIDEST, Math.max(NARROWEST, width)));
    remember({ panel: this.panelWidth });
  }

  useKeys(use: boolean): void {
    this.keys = use;
    remember({ keys: use });
  }
}
