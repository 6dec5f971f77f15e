// The networks of the matrix. `rules` are link.py's, for each direction alike. A cell fails below its floors, which are what
// holds today; the wish beside them is what a class should have, and is printed where it is missed.
//
//   fps        frames decoded a second, of the ten that the camera gives
//   gapMs      the longest time without a new frame
//   frozenS    seconds of standing picture, as the browser counts them
//   concealed  share of the voice that the browser had to make up
//   joinMs     from the click on "join" to the first frame
//   backMs     from the end of the blackout to the next frame
//   up…        the same of the pupil's camera, as the teacher gets it

const WISH = { fps: 9.5, gapMs: 400, frozenS: 0, concealed: 0.01, joinMs: 1500, upFps: 9.5 };
// Of networks that lose nothing. The room is for machines that are busy with something else.
const GOOD = { fps: 8.5, gapMs: 700, frozenS: 1, concealed: 0.05, joinMs: 5000, upFps: 8 };

export const CELLS = [
  { name: 'clean', rules: {}, floor: GOOD, wish: WISH },
  { name: 'loss-2', rules: { loss: 0.02 }, floor: { ...GOOD, gapMs: 1000, concealed: 0.08 }, wish: WISH },
  {
    name: 'loss-5', rules: { loss: 0.05 }, short: true,
    floor: { fps: 8, gapMs: 1500, frozenS: 3, concealed: 0.1, joinMs: 5000, upFps: 8 }, wish: { ...WISH, concealed: 0.03 },
  },
  {
    name: 'loss-10', rules: { loss: 0.1 },
    floor: { fps: 6, gapMs: 3000, frozenS: 6, concealed: 0.15, joinMs: 8000, upFps: 6 }, wish: { ...WISH, fps: 9, concealed: 0.03, joinMs: 3000 },
  },
  { name: 'delay-150', rules: { delay: 150 }, floor: { ...GOOD, joinMs: 8000 }, wish: { ...WISH, joinMs: 4000 } },
  { name: 'jitter-30', rules: { delay: 30, jitter: 30 }, floor: GOOD, wish: WISH },
  { name: 'reorder-5', rules: { reorder: 0.05 }, floor: GOOD, wish: WISH },
  { name: 'rate-1000', rules: { kbit: 1000, delay: 20 }, floor: GOOD, wish: WISH },
  {
    // What the pupil's tile asks for is more than passes, and nothing estimates that yet: the picture stands.
    name: 'rate-500', rules: { kbit: 500, delay: 20 },
    floor: { concealed: 0.6, joinMs: 10000, upFps: 8 }, wish: { ...WISH, fps: 9, joinMs: 5000 },
  },
  {
    name: 'blackout-5', rules: {}, blackoutMs: 5000, short: true,
    floor: { fps: 6, gapMs: 7500, frozenS: 8, concealed: 0.1, joinMs: 5000, backMs: 2000, upFps: 6, upBackMs: 2000 },
    wish: { ...WISH, fps: 7, gapMs: 6000, frozenS: 6, concealed: 0.03, backMs: 1000, upFps: 7 },
  },
  { name: 'mtu-1280', rules: { mtu: 1280 }, farMtu: 1280, floor: GOOD, wish: WISH },
  { name: 'ipv6', rules: {}, family: 6, floor: GOOD, wish: WISH, short: true },
];

/** The measures that miss their limit: frames a second are at least so many, everything else is at most so much. */
export function missed(measured, limits) {
  return Object.entries(limits).filter(([key, limit]) => {
    const value = measured[key];
    if (value === null || value === undefined) return true;
    return /fps$/i.test(key) ? value < limit : value > limit;
  }).map(([key]) => key);
}
