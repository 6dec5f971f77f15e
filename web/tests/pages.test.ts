import { afterEach, describe, expect, test, vi } from 'vitest';

import { errorKey, kindOf } from '../src/message/kinds';
import { recordingId } from '../src/playback/manifest';
import { preferences, remember } from '../src/shared/preferences';
import { clock } from '../src/shared/time';
import { wayBack } from '../src/shared/wayBack';

afterEach(() => vi.unstubAllGlobals());

describe('what a device remembers', () => {
  function store(): Map<string, string> {
    const kept = new Map<string, string>();
    vi.stubGlobal('localStorage', {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, value: string) => kept.set(key, value),
    });
    return kept;
  }

  test('r5_device_preferences_are_forgotten_after_a_year', () => {
    store();
    remember({ camera: 'c' }, 0);
    expect(preferences(364 * 86_400_000).camera).toBe('c');
    expect(preferences(366 * 86_400_000).camera).toBeUndefined();
  });

  test('one choice does not forget another', () => {
    store();
    remember({ camera: 'c' }, 0);
    remember({ language: 'de' }, 1);
    expect(preferences(2)).toMatchObject({ camera: 'c', language: 'de' });
  });

  test('a broken or blocked store is an empty one', () => {
    store().set('lectern', '{"camera');
    expect(preferences(0)).toEqual({});
    vi.stubGlobal('localStorage', undefined);
    expect(preferences(0)).toEqual({});
    expect(() => remember({ camera: 'c' }, 0)).not.toThrow();
  });
});

describe('the message page', () => {
  test('knows its kinds and takes everything else for a wrong address', () => {
    expect(kindOf('?kind=left')).toBe('left');
    expect(kindOf('?kind=<script>')).toBe('not-found');
    expect(kindOf('')).toBe('not-found');
  });

  test('reads only the key of an error', () => {
    expect(errorKey(`?errors=${encodeURIComponent('[{"key":"checksumError","message":"x"}]')}`)).toBe('checksumError');
    expect(errorKey('?errors=[{')).toBeNull();
    expect(errorKey('?errors=[]')).toBeNull();
    expect(errorKey('?errors=[{"key":7}]')).toBeNull();
  });
});

describe('addresses', () => {
  const here = 'https://class.example/room';

  test('the way back is a page, nothing else', () => {
    expect(wayBack('https://lms.example/course/7', here)).toBe('https://lms.example/course/7');
    expect(wayBack('/demo?left=1', here)).toBe('https://class.example/demo?left=1');
    expect(wayBack('javascript:alert(1)', here)).toBeNull();
    expect(wayBack('data:text/html,x', here)).toBeNull();
    expect(wayBack('', here)).toBeNull();
    expect(wayBack(null, here)).toBeNull();
  });

  test('a recording is found by its path', () => {
    expect(recordingId('/recordings/abc-1')).toBe('abc-1');
    expect(recordingId('/')).toBe('');
  });
});

test.each([
  [0, '0:00'],
  [61_000, '1:01'],
  [3_661_000, '1:01:01'],
  [-5, '0:00'],
])('%i ms is written %s', (ms, words) => {
  expect(clock(ms)).toBe(words);
});
