// The room as the server tells it.

import type { ChatMessage } from '../../generated/ChatMessage';
import type { Event } from '../../generated/Event';
import type { Person } from '../../generated/Person';
import type { PersonId } from '../../generated/PersonId';
import type { RecordingState } from '../../generated/RecordingState';
import type { Welcome } from '../../generated/Welcome';

export interface ShownReaction {
  readonly id: number;
  readonly person: PersonId;
  readonly emoji: string;
}

export class RoomState {
  readonly you: PersonId;
  readonly meetingName: string;
  readonly welcomeText: string | null;
  readonly mayRecord: boolean;
  readonly emoji: readonly string[];
  readonly retentionDays: number | null;
  readonly logoutUrl: string | null;
  /** When the meeting began, on this device's clock (ms). */
  readonly began: number;

  people = $state.raw<readonly Person[]>([]);
  chat = $state.raw<readonly ChatMessage[]>([]);
  recording = $state.raw<RecordingState>({ state: 'off' });
  /** When the recording's state came, on this device's clock (ms). */
  recordingSince = $state.raw(0);
  /** Loudest first. */
  speaking = $state.raw<readonly PersonId[]>([]);
  reactions = $state.raw<readonly ShownReaction[]>([]);
  /** Who shares a screen, the latest last. */
  sharing = $state.raw<readonly PersonId[]>([]);
  #reactionIds = 0;

  constructor(welcome: Welcome, now: number) {
    this.you = welcome.you;
    this.meetingName = welcome.meetingName;
    this.welcomeText = welcome.welcomeText;
    this.mayRecord = welcome.mayRecord;
    this.emoji = welcome.reactions;
    this.retentionDays = welcome.retentionDays;
    this.logoutUrl = welcome.logoutUrl;
    this.began = now - welcome.elapsedMs;
    this.people = welcome.people;
    this.chat = welcome.chat;
    this.#record(welcome.recording, now);
    this.sharing = welcome.people.filter((person) => person.on.includes('screen')).map((person) => person.id);
  }

  apply(event: Event, now: number): void {
    switch (event.kind) {
      case 'joined':
      case 'changed':
        return this.#put(event.person);
      case 'left':
        this.people = this.people.filter((person) => person.id !== event.person);
        this.sharing = this.sharing.filter((id) => id !== event.person);
        this.speaking = this.speaking.filter((id) => id !== event.person);
        return;
      case 'chat':
        if (!this.chat.some((message) => message.id === event.message.id)) this.chat = [...this.chat, event.message];
        return;
      case 'reaction':
        this.#reactionIds += 1;
        this.reactions = [...this.reactions, { id: this.#reactionIds, person: event.person, emoji: event.emoji }];
        return;
      case 'recording':
        return this.#record(event.state, now);
      case 'muted':
        return;
    }
  }

  /** Takes the oldest shown reaction away; called five seconds after it came. */
  fadeReaction(id: number): void {
    this.reactions = this.reactions.filter((reaction) => reaction.id !== id);
  }

  person(id: PersonId): Person | undefined {
    return this.people.find((person) => person.id === id);
  }

  get self(): Person | undefined {
    return this.person(this.you);
  }

  get moderator(): boolean {
    return this.self?.role === 'moderator';
  }

  /** Raised hands in the order in which they went up. */
  get hands(): Person[] {
    return this.people.filter((person) => person.hand !== null).sort((a, b) => (a.hand ?? 0) - (b.hand ?? 0));
  }

  #put(person: Person): void {
    const at = this.people.findIndex((other) => other.id === person.id);
    this.people = at < 0 ? [...this.people, person] : this.people.with(at, person);
    const shares = person.on.includes('screen');
    if (shares && !this.sharing.includes(person.id)) this.sharing = [...this.sharing, person.id];
    else if (!shares) this.sharing = this.sharing.filter((id) => id !== person.id);
  }

  #record(state: RecordingState, now: number): void {
    this.recording = state;
    this.recordingSince = now;
  }
}
