// The WebSocket that the machine asks for, and the heartbeat that finds a dead one.

import type { ClientMessage } from '../../generated/ClientMessage';
import type { Close } from '../../generated/Close';
import type { Resume } from '../../generated/Resume';
import type { ServerMessage } from '../../generated/ServerMessage';
import { START, isRepeated, step, type Action, type Input, type Link } from './machine';

/** Of the messages in `src/generated`. */
export const VERSION = 1;
const PING_EVERY_MS = 10_000;
const SILENCE_MS = 25_000;

export interface Hooks {
  hello(resume: Resume | null): ClientMessage;
  message(message: ServerMessage): void;
  /** The link's phase or number of tries changed. */
  changed(link: Link): void;
  ended(reason: Close): void;
}

export class Connection {
  #link: Link = START;
  #socket: WebSocket | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #heartbeat: ReturnType<typeof setInterval> | undefined;
  #heard = 0;
  #pings = 0;
  readonly #url: string;
  readonly #hooks: Hooks;

  constructor(url: string, hooks: Hooks) {
    this.#url = url;
    this.#hooks = hooks;
  }

  start(): void {
    window.addEventListener('online', this.#retryNow);
    document.addEventListener('visibilitychange', this.#retryNow);
    this.#open();
  }

  /** Sends now if the link is alive; what cannot be sent is dropped, the caller repeats state after a resume. */
  send(message: ClientMessage): boolean {
    const alive = this.#link.phase === 'live' || this.#link.phase === 'lobby';
    if (!alive || this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify(message));
    return true;
  }

  /** Closes the socket without a word, as a lost network does. */
  drop(): void {
    this.#socket?.close();
  }

  stop(): void {
    window.removeEventListener('online', this.#retryNow);
    document.removeEventListener('visibilitychange', this.#retryNow);
    clearTimeout(this.#timer);
    clearInterval(this.#heartbeat);
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
  }

  readonly #retryNow = (): void => {
    if (!document.hidden && this.#link.phase === 'waiting') this.#feed({ kind: 'retry' });
  };

  #feed(input: Input): void {
    const before = this.#link;
    const [link, action] = step(before, input);
    this.#link = link;
    if (link.phase !== before.phase || link.tries !== before.tries) this.#hooks.changed(link);
    if (action) this.#act(action);
  }

  #act(action: Action): void {
    switch (action.do) {
      case 'open':
        return this.#open();
      case 'hello':
        this.#socket?.send(JSON.stringify(this.#hooks.hello(action.resume)));
        return;
      case 'wait':
        clearTimeout(this.#timer);
        this.#timer = setTimeout(() => this.#feed({ kind: 'retry' }), action.ms);
        return;
      case 'end':
        this.stop();
        this.#hooks.ended(action.reason);
    }
  }

  #open(): void {
    clearTimeout(this.#timer);
    const socket = new WebSocket(this.#url);
    this.#socket = socket;
    this.#heard = performance.now();
    socket.onopen = () => this.#feed({ kind: 'opened' });
    socket.onmessage = (event) => this.#hear(event.data);
    socket.onclose = (event) => {
      if (this.#socket !== socket) return;
      this.#socket = null;
      clearInterval(this.#heartbeat);
      this.#feed({ kind: 'lost', code: event.code, random: Math.random() });
    };
    clearInterval(this.#heartbeat);
    this.#heartbeat = setInterval(() => this.#beat(socket), PING_EVERY_MS);
  }

  #beat(socket: WebSocket): void {
    if (performance.now() - this.#heard > SILENCE_MS) {
      // A socket without network may take minutes to close: it counts as closed now.
      socket.onclose?.(new CloseEvent('close', { code: 1006 }));
      socket.close();
      return;
    }
    this.#pings = (this.#pings + 1) % 2 ** 32;
    this.send({ type: 'ping', id: this.#pings });
  }

  #hear(data: unknown): void {
    this.#heard = performance.now();
    if (typeof data !== 'string') return;
    const message = JSON.parse(data) as ServerMessage;
    switch (message.type) {
      case 'pong':
        return;
      case 'waiting':
        this.#feed({ kind: 'lobby' });
        break;
      case 'welcome':
        this.#feed({ kind: 'welcome', secret: message.resume });
        break;
      case 'resumed':
        this.#feed({ kind: 'resumed', secret: message.resume });
        break;
      case 'event':
        if (isRepeated(this.#link, message.seq)) return;
        this.#feed({ kind: 'event', seq: message.seq });
        break;
      case 'closed':
        this.#hooks.message(message);
        this.#feed({ kind: 'closed', reason: message.reason });
        return;
    }
    this.#hooks.message(message);
  }
}
