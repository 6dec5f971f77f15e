// Cameras in other codecs than the usual one: choosing the codec in Chromium, and watching what somebody decodes of it.
// The functions that say "in the page" are handed to the browser as they are.

/** In the page: keeps the connections, so that a test can choose a codec. */
export function rememberConnections() {
  const Native = window.RTCPeerConnection;
  window.connections = [];
  window.RTCPeerConnection = class extends Native {
    constructor(...given) {
      super(...given);
      window.connections.push(this);
    }
  };
}

/** In the page: looks at every frame of somebody's tile; all of it but the moving mark at its top must be red. */
export function watchFrames(id) {
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [32, 18];
  const context = canvas.getContext('2d', { willReadFrequently: true });
  const found = { seen: 0, torn: [] };
  let going = true;
  const look = (video) => {
    context.drawImage(video, 0, 0, 32, 18);
    const { data } = context.getImageData(0, 3, 32, 15);
    found.seen += 1;
    for (let at = 0; at < data.length; at += 4) {
      const [red, green, blue] = data.subarray(at, at + 3);
      if (Math.hypot(red - 200, green - 30, blue - 30) < 60) continue;
      found.torn.push({ frame: found.seen, at: at / 4, red, green, blue });
      return;
    }
  };
  const next = () => {
    const video = document.querySelector(`[data-testid=tile][data-person="${id}"][data-source=camera] video`);
    if (!going) return;
    if (!video) return void setTimeout(next, 20);
    video.requestVideoFrameCallback(() => {
      if (going) look(video);
      next();
    });
  };
  next();
  window.frames = { stop: () => ((going = false), found) };
}

/** Has the camera's encodings sent in a codec, each layer for itself. */
export async function sendAs(who, mimeType) {
  await who.page.evaluate(async (wanted) => {
    const sender = window.connections.at(-1).getTransceivers().find(({ mid }) => mid === '1').sender;
    const parameters = sender.getParameters();
    const codec = parameters.codecs.find((one) => one.mimeType === wanted);
    if (!codec) throw new Error(`${wanted} was not agreed upon: ${parameters.codecs.map((one) => one.mimeType)}`);
    for (const encoding of parameters.encodings) Object.assign(encoding, { codec, scalabilityMode: 'L1T1' });
    await sender.setParameters(parameters);
  }, mimeType);
}

/** In the page: what is decoded of the one camera. */
export async function decoding() {
  const report = await window.connections.at(-1).getStats();
  const streams = [...report.values()].filter((one) => one.type === 'inbound-rtp' && one.kind === 'video');
  const best = streams.sort((a, b) => (b.framesDecoded ?? 0) - (a.framesDecoded ?? 0))[0];
  const { framesDecoded = 0, frameHeight = 0, freezeCount = 0, pliCount = 0 } = best ?? {};
  return { framesDecoded, frameHeight, freezeCount, pliCount, mimeType: report.get(best?.codecId)?.mimeType };
}
