// The demo front end's server side: it signs LMS calls as a real front end does.

import type { Role } from '../generated/Role';

export interface Recording {
  readonly id: string;
  readonly name: string;
  readonly startedUnixMs: number;
  readonly durationMs: number;
  readonly state: string;
  readonly url: string | null;
}

/** Starts the class if need be; the address at which the person joins it. */
export async function start(name: string, course: string, role: Role): Promise<string> {
  const response = await fetch('/demo/api/start', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name, course, role }),
  });
  if (!response.ok) throw new Error(`status ${response.status}`);
  return ((await response.json()) as { joinUrl: string }).joinUrl;
}

export async function recordings(): Promise<readonly Recording[]> {
  const response = await fetch('/demo/api/recordings');
  if (!response.ok) throw new Error(`status ${response.status}`);
  const found = (await response.json()) as { recordings: Recording[] };
  return found.recordings;
}
