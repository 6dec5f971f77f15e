import { describe, expect, test } from 'vitest';

import type { Person } from '../src/generated/Person';
import type { Welcome } from '../src/generated/Welcome';
import { shortcut } from '../src/room/keys';
import { listOrder, tileOrder } from '../src/room/state/order';
import { RoomState } from '../src/room/state/room.svelte';
import { initials } from '../src/shared/initials';

const person = (id: string, change: Partial<Person> = {}): Person => ({
  id,
  name: id,
  role: 'viewer',
  avatar: null,
  on: [],
  hand: null,
  connected: true,
  ...change,
});

const welcome = (people: Person[]): Welcome => ({
  version: 1,
  resume: 'r',
  you: 'me',
  meetingName: 'M',
  meeting: 'm',
  welcomeText: null,
  people,
  chat: [],
  recording: { state: 'off' },
  mayRecord: true,
  reactions: ['👍'],
  retentionDays: 14,
  logoutUrl: null,
  elapsedMs: 5000,
  media: { sdp: '', slots: [], publish: [], iceServers: [] },
});

describe('the room', () => {
  test('people come, change and go', () => {
    const room = new RoomState(welcome([person('me')]), 10_000);
    expect(room.began).toBe(5000);
    room.apply({ kind: 'joined', person: person('a') }, 0);
    room.apply({ kind: 'changed', person: person('a', { hand: 1, on: ['screen'] }) }, 0);
    expect(room.hands.map((one) => one.id)).toEqual(['a']);
    expect(room.sharing).toEqual(['a']);
    room.speaking = ['a'];
    room.apply({ kind: 'left', person: 'a' }, 0);
    expect(room.people.map((one) => one.id)).toEqual(['me']);
    expect(room.sharing).toEqual([]);
    expect(room.speaking).toEqual([]);
  });

  test('hands keep the order in which they went up', () => {
    const room = new RoomState(welcome([person('c', { hand: 9 }), person('a', { hand: 2 }), person('b', { hand: 4 })]), 0);
    expect(room.hands.map((one) => one.id)).toEqual(['a', 'b', 'c']);
  });

  test('a message that a resume repeats is shown once', () => {
    const room = new RoomState(welcome([person('me')]), 0);
    const message = { id: 3, from: 'me', name: 'me', to: null, text: 'x', atMs: 0 };
    room.apply({ kind: 'chat', message }, 0);
    room.apply({ kind: 'chat', message }, 0);
    expect(room.chat).toHaveLength(1);
  });

  test('r31_the_state_of_the_recording_is_kept_with_its_time', () => {
    const room = new RoomState(welcome([person('me')]), 0);
    room.apply({ kind: 'recording', state: { state: 'announced', startsInMs: 3000, by: 'me' } }, 777);
    expect(room.recording).toMatchObject({ state: 'announced' });
    expect(room.recordingSince).toBe(777);
  });

  test('the latest shared screen is the last in order', () => {
    const room = new RoomState(welcome([person('a', { on: ['screen'] }), person('b')]), 0);
    room.apply({ kind: 'changed', person: person('b', { on: ['screen'] }) }, 0);
    room.apply({ kind: 'changed', person: person('a', { on: ['screen', 'camera'] }) }, 0);
    expect(room.sharing).toEqual(['a', 'b']);
  });
});

describe('order', () => {
  const people = [person('x'), person('b', { on: ['camera'] }), person('t', { role: 'moderator' }), person('Ä')];

  test('tiles: pictures first, then moderators, then as they came', () => {
    expect(tileOrder(people).map((one) => one.id)).toEqual(['b', 't', 'x', 'Ä']);
  });

  test('the list: moderators first, then names as the language sorts them', () => {
    expect(listOrder(people, 'de').map((one) => one.id)).toEqual(['t', 'Ä', 'b', 'x']);
  });

  test.each([
    ['Ada Lovelace', 'AL'],
    ['  Émile  ', 'É'],
    ['Zoë de Vries', 'ZV'],
    ['(Gast) 7', 'G7'],
    ['🙂', ''],
  ])('%s is shortened to %s', (name, short) => {
    expect(initials(name)).toBe(short);
  });
});

describe('single keys', () => {
  const press = (key: string, change = {}) => ({ key, ctrlKey: false, metaKey: false, altKey: false, repeat: false, ...change });

  test('mean something only while nothing is typed and no other key is held', () => {
    expect(shortcut(press('m'), false)).toBe('microphone');
    expect(shortcut(press('M'), false)).toBe('microphone');
    expect(shortcut(press('?'), false)).toBe('help');
    expect(shortcut(press('m'), true)).toBeNull();
    expect(shortcut(press('m', { ctrlKey: true }), false)).toBeNull();
    expect(shortcut(press('m', { repeat: true }), false)).toBeNull();
    expect(shortcut(press('x'), false)).toBeNull();
  });
});
