// From the one-time link to the room token.

import type { Role } from '../generated/Role';

export interface Session {
  /** The signed room token; it stays in memory. */
  readonly token: string;
  readonly meetingName: string;
  readonly personName: string;
  readonly role: Role;
  readonly logoutUrl: string | null;
  /** The language that the front end asks for, if it does. */
  readonly language: string | null;
}

/** Why the page cannot open the room. */
export type SessionProblem = 'missing' | 'expired' | 'ended' | 'cookie' | 'server';

export class SessionError extends Error {
  readonly problem: SessionProblem;

  constructor(problem: SessionProblem) {
    super(problem);
    this.problem = problem;
  }
}

const PROBLEMS: Readonly<Record<string, SessionProblem>> = {
  unknown: 'expired',
  expired: 'expired',
  ended: 'ended',
  cookie: 'cookie',
};

/** Takes the session token out of the address bar, so that nobody copies a place in the class with the address. */
export function takeSessionToken(): string | null {
  const url = new URL(location.href);
  const token = url.searchParams.get('sessionToken') ?? rememberedToken();
  url.searchParams.delete('sessionToken');
  history.replaceState({ sessionToken: token }, '', url.pathname + url.search + url.hash);
  return token;
}

/** A reload keeps the history entry's state, and with it the way back into the class. */
function rememberedToken(): string | null {
  const state: unknown = history.state;
  if (typeof state !== 'object' || state === null || !('sessionToken' in state)) return null;
  return typeof state.sessionToken === 'string' ? state.sessionToken : null;
}

export async function openSession(sessionToken: string | null): Promise<Session> {
  if (sessionToken === null || sessionToken === '') throw new SessionError('missing');
  let response: Response;
  try {
    response = await fetch('/api/session', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ sessionToken }),
    });
  } catch {
    throw new SessionError('server');
  }
  if (response.ok) return (await response.json()) as Session;
  const body = (await response.json().catch(() => ({}))) as { error?: string };
  throw new SessionError(PROBLEMS[body.error ?? ''] ?? (response.status >= 500 ? 'server' : 'expired'));
}
