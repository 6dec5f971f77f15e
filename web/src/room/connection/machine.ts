// How a stay survives a dropped socket, as a machine without socket, clock or randomness.

import type { Close } from '../../generated/Close';
import type { Resume } from '../../generated/Resume';

export interface Link {
  /** `lobby`: connected, and the class has not begun; `waiting`: for the next try. */
  readonly phase: 'connecting' | 'greeting' | 'lobby' | 'live' | 'waiting' | 'closed';
  /** Tries since the link was last alive; 0 while it is. */
  readonly tries: number;
  /** With what a dropped connection is taken up again; null before the first welcome. */
  readonly resume: Resume | null;
}

export type Input =
  | { kind: 'opened' }
  | { kind: 'lobby' }
  | { kind: 'welcome'; secret: string }
  | { kind: 'resumed'; secret: string }
  | { kind: 'event'; seq: number }
  /** The server said why the stay is over. */
  | { kind: 'closed'; reason: Close }
  /** The socket is gone: its close code, and a random number in 0..1 that spreads the herd. */
  | { kind: 'lost'; code: number; random: number }
  /** The waiting time is over, or the network came back. */
  | { kind: 'retry' };

export type Action =
  | { do: 'open' }
  | { do: 'hello'; resume: Resume | null }
  | { do: 'wait'; ms: number }
  | { do: 'end'; reason: Close };

export const START: Link = { phase: 'connecting', tries: 0, resume: null };

/** Close codes of the server (RFC 6455 §7.4.2, private use). */
const REASONS: Readonly<Record<number, Close>> = {
  4000: 'left',
  4001: 'meetingEnded',
  4002: 'ejected',
  4003: 'tokenExpired',
  4004: 'tokenInvalid',
  4005: 'replaced',
  4006: 'versionMismatch',
  4007: 'protocol',
  4008: 'full',
  4009: 'serverStopping',
};

/** After these the client comes back by itself: the server returns, and a protocol error may have been the network's. */
const PASSING: ReadonlySet<Close> = new Set<Close>(['protocol', 'serverStopping']);

/** ms until the next try: doubling from 0.5 s to 10 s, the upper half of it by chance. */
export function backoff(tries: number, random: number): number {
  const ceiling = Math.min(10_000, 500 * 2 ** Math.min(tries, 10));
  return Math.round(ceiling / 2 + (ceiling / 2) * random);
}

export function step(link: Link, input: Input): [Link, Action | null] {
  if (link.phase === 'closed') return [link, null];
  switch (input.kind) {
    case 'opened':
      return [{ ...link, phase: 'greeting' }, { do: 'hello', resume: link.resume }];
    case 'lobby':
      return [{ ...link, phase: 'lobby', tries: 0 }, null];
    case 'welcome':
      return [{ phase: 'live', tries: 0, resume: { secret: input.secret, seq: 0 } }, null];
    case 'resumed':
      return [{ phase: 'live', tries: 0, resume: { secret: input.secret, seq: link.resume?.seq ?? 0 } }, null];
    case 'event':
      return [link.resume ? { ...link, resume: { ...link.resume, seq: input.seq } } : link, null];
    case 'closed':
      return PASSING.has(input.reason) ? [link, null] : end(link, input.reason);
    case 'lost':
      return lost(link, input.code, input.random);
    case 'retry':
      return link.phase === 'waiting' ? [{ ...link, phase: 'connecting' }, { do: 'open' }] : [link, null];
  }
}

/** Whether an event was already seen: after a resume the server may repeat some. */
export function isRepeated(link: Link, seq: number): boolean {
  return link.resume !== null && seq <= link.resume.seq;
}

function end(link: Link, reason: Close): [Link, Action] {
  return [{ ...link, phase: 'closed' }, { do: 'end', reason }];
}

function lost(link: Link, code: number, random: number): [Link, Action] {
  const reason = REASONS[code];
  if (reason !== undefined && !PASSING.has(reason)) return end(link, reason);
  const wait = backoff(link.tries, random);
  return [{ ...link, phase: 'waiting', tries: link.tries + 1 }, { do: 'wait', ms: wait }];
}
