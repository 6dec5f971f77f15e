// One stay in a class, from the join button to the way out.

import type { ClientMessage } from '../generated/ClientMessage';
import type { Close } from '../generated/Close';
import type { Event } from '../generated/Event';
import type { ServerMessage } from '../generated/ServerMessage';
import { pageSize } from '../shared/layout';
import { wayBack } from '../shared/wayBack';
import { Connection, VERSION } from './connection/connection';
import type { Link } from './connection/machine';
import { Media } from './media/media.svelte';
import { play } from './media/sound';
import { Sources } from './media/sources.svelte';
import type { Stats } from './media/stats';
import { Notices } from './notices.svelte';
import type { Session } from './session';
import { RoomState } from './state/room.svelte';
import { t } from './words';

export type StepState = 'todo' | 'doing' | 'done';

const REACTION_MS = 5000;

export class Call {
  readonly session: Session;
  readonly sources = new Sources();
  readonly notices = new Notices();
  phase = $state.raw<'check' | 'joining' | 'lobby' | 'room' | 'ended'>('check');
  steps = $state({ device: 'todo' as StepState, network: 'todo' as StepState, room: 'todo' as StepState });
  link = $state.raw<Link | null>(null);
  room = $state.raw<RoomState | null>(null);
  media = $state.raw<Media | null>(null);
  ended = $state.raw<Close | null>(null);
  logoutUrl = $state.raw<string | null>(null);
  #connection: Connection | null = null;
  #clicked = 0;
  #firstFrame: number | null = null;

  constructor(session: Session) {
    this.session = session;
    this.logoutUrl = session.logoutUrl;
    this.sources.connect({
      changed: (source, track) => void this.media?.publish(source, track),
      lost: (source) => {
        if (source === 'camera' || source === 'microphone') this.notices.tell(() => t().notice.deviceLost[source]);
      },
    });
  }

  /** The join button. With `listenOnly` nothing that was tried out goes in. */
  join(listenOnly: boolean): void {
    this.#clicked = performance.now();
    this.phase = 'joining';
    if (listenOnly) this.sources.close();
    this.steps = { device: 'done', network: 'doing', room: 'todo' };
    const media = new Media(this.sources, (message) => this.send(message));
    this.media = media;
    const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
    this.#connection = new Connection(`${scheme}://${location.host}/ws`, {
      hello: (resume) => ({
        type: 'hello',
        version: VERSION,
        token: this.session.token,
        videoSlots: pageSize(innerWidth, innerHeight),
        resume,
      }),
      message: (message) => this.#hear(message),
      changed: (link) => this.#linked(link),
      ended: (reason) => this.#end(reason),
    });
    this.#connection.start();
  }

  /** False if it could not be sent now. */
  send(message: ClientMessage): boolean {
    return this.#connection?.send(message) ?? false;
  }

  leave(): void {
    if (!this.send({ type: 'leave' })) this.#end('left');
    // The server closes the socket; without an answer the person goes all the same.
    setTimeout(() => this.#end('left'), 1000);
  }

  /** A tile shows its first frame. */
  sawFrame(): void {
    this.#firstFrame ??= performance.now();
  }

  async stats(): Promise<Stats> {
    const since = (at: number | null | undefined) =>
      at === null || at === undefined ? null : Math.round(at - this.#clicked);
    return {
      joinMs: since(this.media?.connectedAt),
      firstFrameMs: since(this.#firstFrame),
      ...((await this.media?.stats()) ?? { slots: [], publish: [] }),
    };
  }

  dropSocket(): void {
    this.#connection?.drop();
  }

  #linked(link: Link): void {
    const before = this.link;
    this.link = link;
    if (this.phase === 'joining' && link.phase === 'greeting') {
      this.steps = { ...this.steps, network: 'done', room: 'doing' };
    }
    if (before?.phase !== 'live' && link.phase === 'live' && this.phase === 'room') {
      this.notices.tell(() => t().notice.back);
    }
  }

  #hear(message: ServerMessage): void {
    switch (message.type) {
      case 'waiting':
        this.logoutUrl = message.logoutUrl ?? this.logoutUrl;
        this.phase = 'lobby';
        return;
      case 'welcome':
        this.room = new RoomState(message, Date.now());
        this.logoutUrl = message.logoutUrl ?? this.logoutUrl;
        this.steps = { device: 'done', network: 'done', room: 'done' };
        this.phase = 'room';
        this.#tellRecording();
        void this.media?.take(message.media);
        return;
      case 'resumed':
        if (!message.media || this.media?.state === 'failed') this.send({ type: 'restartMedia' });
        this.media?.repeat();
        return;
      case 'media':
        void this.media?.take(message);
        return;
      case 'event':
        return this.#happen(message.event);
      case 'slots':
        return this.media?.assign(message.slots);
      case 'speaking':
        if (this.room) this.room.speaking = message.people;
        return;
      case 'refused':
        this.notices.tell(() => t().refused[message.code]);
        return;
      case 'closed':
        this.logoutUrl = message.logoutUrl ?? this.logoutUrl;
        return;
      case 'pong':
        return;
    }
  }

  #happen(event: Event): void {
    const room = this.room;
    if (!room) return;
    const handBefore = event.kind === 'changed' ? room.person(event.person.id)?.hand : null;
    room.apply(event, Date.now());
    switch (event.kind) {
      case 'changed':
        if (room.moderator && event.person.id !== room.you && handBefore === null && event.person.hand !== null) {
          this.notices.tell(() => t().notice.handUp(event.person.name));
        }
        return;
      case 'reaction': {
        const id = room.reactions.at(-1)?.id ?? 0;
        setTimeout(() => room.fadeReaction(id), REACTION_MS);
        return;
      }
      case 'muted': {
        this.sources.takeBack(event.source);
        const by = room.person(event.by)?.name ?? t().moderator;
        this.notices.tell(() => `${by} ${t().notice.mutedBy[event.source]}. ${t().notice.mutedHint}`);
        return;
      }
      case 'recording':
        return this.#tellRecording();
    }
  }

  /** Everybody sees and hears it first (R31): a banner, a sound, and words for screen readers. */
  #tellRecording(): void {
    const room = this.room;
    if (!room) return;
    const state = room.recording;
    if (state.state === 'announced') {
      void play('recording', this.sources.devices.chosen.speaker);
      const by = room.person(state.by)?.name ?? t().moderator;
      this.notices.interrupt(t().recording.spokenAnnounced(by, t().recording.kept(room.retentionDays)));
    } else if (state.state === 'on') {
      this.notices.interrupt(`${t().recording.spokenOn} ${t().recording.kept(room.retentionDays)}`);
    } else if (state.state === 'finishing') {
      this.notices.interrupt(t().recording.spokenOff);
    } else if (state.state === 'failed') {
      this.notices.interrupt(t().recording.failed[state.reason]);
    }
  }

  #end(reason: Close): void {
    if (this.phase === 'ended') return;
    this.ended = reason;
    this.phase = 'ended';
    this.#connection?.stop();
    this.media?.close();
    this.sources.close();
    const back = wayBack(this.logoutUrl, location.href);
    if (reason === 'left' && back !== null) location.assign(back);
  }
}
