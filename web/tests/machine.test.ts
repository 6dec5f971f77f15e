import { describe, expect, test } from 'vitest';

import { START, backoff, isRepeated, step, type Input, type Link } from '../src/room/connection/machine';

function run(...inputs: Input[]): [Link, ReturnType<typeof step>[1]] {
  return inputs.reduce<[Link, ReturnType<typeof step>[1]]>(([link], input) => step(link, input), [START, null]);
}

const lost = (code = 1006): Input => ({ kind: 'lost', code, random: 0.5 });

describe('a stay and its socket', () => {
  test('the first hello resumes nothing', () => {
    expect(run({ kind: 'opened' })[1]).toEqual({ do: 'hello', resume: null });
  });

  test('a dropped socket comes back with the last secret and the last event', () => {
    const [, action] = run(
      { kind: 'opened' },
      { kind: 'welcome', secret: 'one' },
      { kind: 'event', seq: 7 },
      lost(),
      { kind: 'retry' },
      { kind: 'opened' },
    );
    expect(action).toEqual({ do: 'hello', resume: { secret: 'one', seq: 7 } });
  });

  test('a resumed stay keeps its place and takes the next secret', () => {
    const [link] = run(
      { kind: 'opened' },
      { kind: 'welcome', secret: 'one' },
      { kind: 'event', seq: 7 },
      lost(),
      { kind: 'retry' },
      { kind: 'opened' },
      { kind: 'resumed', secret: 'two' },
    );
    expect(link).toEqual({ phase: 'live', tries: 0, resume: { secret: 'two', seq: 7 } });
  });

  test('a welcome in place of a resume starts counting anew', () => {
    const [link] = run({ kind: 'opened' }, { kind: 'welcome', secret: 'one' }, { kind: 'event', seq: 9 }, lost(),
      { kind: 'retry' }, { kind: 'opened' }, { kind: 'welcome', secret: 'three' });
    expect(link.resume).toEqual({ secret: 'three', seq: 0 });
  });

  test('the lobby is a living connection, and dropped there the client starts anew', () => {
    const [link] = run({ kind: 'opened' }, lost(), { kind: 'retry' }, { kind: 'opened' }, { kind: 'lobby' });
    expect(link).toMatchObject({ phase: 'lobby', tries: 0 });
    const [, action] = [lost(), { kind: 'retry' } as Input, { kind: 'opened' } as Input].reduce<ReturnType<typeof step>>(
      ([state], input) => step(state, input),
      [link, null],
    );
    expect(action).toEqual({ do: 'hello', resume: null });
  });

  test('events that a resume repeats are known', () => {
    const [link] = run({ kind: 'welcome', secret: 's' }, { kind: 'event', seq: 4 });
    expect(isRepeated(link, 4)).toBe(true);
    expect(isRepeated(link, 5)).toBe(false);
  });

  test.each([
    [4000, 'left'],
    [4001, 'meetingEnded'],
    [4002, 'ejected'],
    [4003, 'tokenExpired'],
    [4004, 'tokenInvalid'],
    [4005, 'replaced'],
    [4006, 'versionMismatch'],
    [4008, 'full'],
  ])('close code %i ends the stay for good', (code, reason) => {
    const [link, action] = run({ kind: 'opened' }, lost(code));
    expect(action).toEqual({ do: 'end', reason });
    expect(step(link, { kind: 'retry' })[1]).toBeNull();
  });

  test.each([1000, 1001, 1006, 1011, 4007, 4009])('after close code %i the client tries again', (code) => {
    expect(run({ kind: 'opened' }, lost(code))[1]).toMatchObject({ do: 'wait' });
  });

  test('the server says the end in words first, and it stays the end', () => {
    const [link, action] = run({ kind: 'welcome', secret: 's' }, { kind: 'closed', reason: 'ejected' });
    expect(action).toEqual({ do: 'end', reason: 'ejected' });
    expect(step(link, lost())).toEqual([link, null]);
  });

  test('the pauses grow from half a second to ten and never more', () => {
    expect(backoff(0, 0)).toBe(250);
    expect(backoff(0, 1)).toBe(500);
    expect(backoff(3, 1)).toBe(4000);
    expect(backoff(1000, 1)).toBe(10_000);
  });

  test('tries are counted until the link is alive again', () => {
    const [link] = run({ kind: 'opened' }, lost(), { kind: 'retry' }, lost(), { kind: 'retry' }, lost());
    expect(link).toMatchObject({ phase: 'waiting', tries: 3 });
  });
});
