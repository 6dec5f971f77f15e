import { describe, expect, test } from 'vitest';

import { Gate, type Contribution } from '../src/room/media/gate';
import { SlotTable } from '../src/room/media/slots';

describe('slots', () => {
  const table = () =>
    new SlotTable([
      { slot: 7, kind: 'video', mid: '11' },
      { slot: 8, kind: 'video', mid: '12' },
    ]);

  test('a source is found in the slot it was given', () => {
    const slots = table();
    slots.assign([{ slot: 8, person: 'w_a', source: 'camera', csrc: 5 }]);
    expect(slots.find('w_a', 'camera')).toMatchObject({ slot: 8, mid: '12', csrc: 5 });
    expect(slots.find('w_a', 'screen')).toBeNull();
  });

  test('a slot that changes hands belongs to the new person alone', () => {
    const slots = table();
    slots.assign([{ slot: 7, person: 'w_a', source: 'camera', csrc: 5 }]);
    slots.assign([{ slot: 7, person: 'w_b', source: 'camera', csrc: 6 }]);
    expect(slots.find('w_a', 'camera')).toBeNull();
    expect(slots.at(7)?.person).toBe('w_b');
  });

  test('an empty, incomplete or unknown slot shows nobody', () => {
    const slots = table();
    slots.assign([{ slot: 7, person: 'w_a', source: 'camera', csrc: 5 }]);
    slots.assign([{ slot: 7, person: null, source: null, csrc: null }]);
    slots.assign([{ slot: 8, person: 'w_b', source: 'camera', csrc: null }]);
    slots.assign([{ slot: 99, person: 'w_c', source: 'camera', csrc: 1 }]);
    expect(slots.at(7)).toBeNull();
    expect(slots.at(8)).toBeNull();
    expect(slots.find('w_c', 'camera')).toBeNull();
  });
});

describe('the gate of a tile', () => {
  const at = (source: number, rtpTimestamp: number, timestamp = rtpTimestamp): Contribution => ({
    source,
    rtpTimestamp,
    timestamp,
  });

  test('stays closed until a frame of the expected source is painted', () => {
    const gate = new Gate(2);
    expect(gate.passes(undefined, [])).toBe(false);
    expect(gate.passes(3000, [at(1, 3000)])).toBe(false);
    expect(gate.passes(3000, [at(1, 3000), at(2, 6000)])).toBe(false);
    expect(gate.passes(6000, [at(1, 3000), at(2, 6000)])).toBe(true);
  });

  test('opens also when painting always lags behind arrival', () => {
    const gate = new Gate(2);
    expect(gate.passes(0, [at(2, 3000)])).toBe(false);
    expect(gate.passes(3000, [at(2, 6000)])).toBe(true);
    expect(gate.passes(6000, [at(2, 9000)])).toBe(true);
  });

  test('closes when another source comes before the message that says so', () => {
    const gate = new Gate(2);
    expect(gate.passes(3000, [at(2, 3000)])).toBe(true);
    expect(gate.passes(6000, [at(2, 3000), at(9, 6000)])).toBe(false);
  });

  test('opens where the browser tells of a frame only after it was painted', () => {
    const gate = new Gate(2);
    expect(gate.passes(6000, [at(1, 3000)])).toBe(false);
    expect(gate.passes(9000, [at(1, 3000), at(2, 6000)])).toBe(true);
    expect(gate.passes(9000 + 100_000, [at(2, 6000)])).toBe(false);
  });

  test('an old contribution of the expected source does not open it', () => {
    const gate = new Gate(2);
    expect(gate.passes(9000, [at(2, 3000), at(9, 9000)])).toBe(false);
  });

  test('timestamps may wrap around', () => {
    const gate = new Gate(2);
    expect(gate.passes(2 ** 32 - 100, [at(2, 2 ** 32 - 100, 1)])).toBe(true);
    expect(gate.passes(2900, [at(2, 2900, 2)])).toBe(true);
  });

  test('without timestamps of painted frames the newest source decides', () => {
    const gate = new Gate(2);
    expect(gate.passes(undefined, [at(2, 1)])).toBe(true);
    expect(gate.passes(undefined, [at(2, 1), at(3, 2)])).toBe(false);
  });
});
