// Counts in the page what arrives, five times a second, from the browser's own statistics.

/** To be added to the page before it loads: keeps its peer connections within reach. */
export function keepPeers() {
  const Native = window.RTCPeerConnection;
  window.peers = [];
  window.RTCPeerConnection = class extends Native {
    constructor(...given) {
      super(...given);
      window.peers.push(this);
    }
  };
}

/** Starts counting anew in somebody's page. */
export async function startWatching(who) {
  await who.page.evaluate(() => {
    clearInterval(window.watching);
    window.samples = [];
    const sample = async () => {
      const report = await window.peers.at(-1).getStats();
      const sum = { at: performance.now(), frames: 0, width: 0, bytes: 0, concealed: 0, heard: 0, freezes: 0, frozen: 0, repeats: 0, rtt: 0 };
      report.forEach((one) => {
        if (one.type === 'candidate-pair' && one.nominated) sum.rtt = one.currentRoundTripTime ?? 0;
        if (one.type !== 'inbound-rtp') return;
        sum.bytes += one.bytesReceived ?? 0;
        if (one.kind === 'video') {
          sum.frames += one.framesDecoded ?? 0;
          sum.width = Math.max(sum.width, one.frameWidth ?? 0);
          sum.freezes += one.freezeCount ?? 0;
          sum.frozen += one.totalFreezesDuration ?? 0;
          sum.repeats += one.nackCount ?? 0;
        } else {
          // Silence that was made up because nobody spoke is no loss.
          sum.concealed += (one.concealedSamples ?? 0) - (one.silentConcealedSamples ?? 0);
          sum.heard += one.totalSamplesReceived ?? 0;
        }
      });
      window.samples.push(sum);
    };
    window.watching = setInterval(sample, 200);
  });
}

/** The page's clock, ms. */
export const clock = (who) => who.page.evaluate(() => performance.now());

/** What was counted since `startWatching`; `restored` is when a blackout ended, by the page's clock. */
export async function watched(who, restored) {
  const samples = await who.page.evaluate(() => window.samples);
  const [first, last] = [samples[0], samples.at(-1)];
  const seconds = (last.at - first.at) / 1000;
  const news = samples.filter((sample, at) => at === 0 || sample.frames > samples[at - 1].frames).map((sample) => sample.at);
  const gaps = [...news.slice(1), last.at].map((at, number) => at - news[number]);
  const heard = last.heard - first.heard;
  return {
    fps: round((last.frames - first.frames) / seconds, 1),
    gapMs: Math.round(Math.max(...gaps)),
    concealed: heard > 0 ? round((last.concealed - first.concealed) / heard, 4) : null,
    freezes: last.freezes - first.freezes,
    frozenS: round(last.frozen - first.frozen, 1),
    nacks: last.repeats - first.repeats,
    kbit: Math.round(((last.bytes - first.bytes) * 8) / seconds / 1000),
    width: last.width,
    rttMs: Math.round(last.rtt * 1000),
    ...(restored && { backMs: Math.round((news.find((at) => at > restored) ?? Infinity) - restored) }),
  };
}

const round = (value, digits) => Number(value.toFixed(digits));
