// A frame is painted on a person's tile only if it carries that person's CSRC (RFC 3550 §5.1).
//
// The browser tells which CSRC arrived last and at which RTP timestamp, and which RTP timestamp is being painted. A
// slot carries one source after the other on one timeline, so the observations make runs: from this timestamp to that
// one the frames were of this source.

/** The fields of `RTCRtpContributingSource` that are needed here. */
export interface Contribution {
  readonly source: number;
  readonly rtpTimestamp: number;
  /** Only its order counts: the browsers differ in its epoch. */
  readonly timestamp: number;
}

interface Run {
  readonly source: number;
  readonly from: number;
  to: number;
}

const RUNS = 8;
/** Firefox tells of a frame's source only after it was painted: so far may it run ahead, 90 kHz ticks. */
const LEAD = 90_000;

export class Gate {
  readonly #expected: number;
  #runs: Run[] = [];

  /** `expected` is the CSRC of the tile's person. */
  constructor(expected: number) {
    this.#expected = expected;
  }

  /** Whether the painted frame may be seen. `painted` is its RTP timestamp, undefined where the browser has none. */
  passes(painted: number | undefined, contributions: readonly Contribution[]): boolean {
    const last = newest(contributions);
    if (last) this.#observe(last);
    if (painted === undefined) return last?.source === this.#expected;
    const end = this.#runs.length - 1;
    return this.#runs.some(({ source, from, to }, at) => {
      const until = at === end ? (to + LEAD) >>> 0 : to;
      return source === this.#expected && reached(from, painted) && reached(painted, until);
    });
  }

  #observe({ source, rtpTimestamp }: Contribution): void {
    const run = this.#runs.at(-1);
    if (run?.source === source) {
      if (reached(run.to, rtpTimestamp)) run.to = rtpTimestamp;
      return;
    }
    this.#runs = [...this.#runs.slice(1 - RUNS), { source, from: rtpTimestamp, to: rtpTimestamp }];
  }
}

function newest(contributions: readonly Contribution[]): Contribution | undefined {
  return contributions.reduce<Contribution | undefined>(
    (best, next) => (best === undefined || next.timestamp > best.timestamp ? next : best),
    undefined,
  );
}

/** Whether `b` is `a` or after it on the 32-bit circle of RTP timestamps. */
function reached(a: number, b: number): boolean {
  return (b - a) >>> 0 < 2 ** 31;
}
