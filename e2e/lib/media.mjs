// Pictures and tones that tell people apart: one colour and one pitch each, written as files for Chromium's fake devices.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

const WIDTH = 1280;
const HEIGHT = 720;
const FRAMES = 20;
const FPS = 10;

/** Colours that stay apart through VP8: name -> [r, g, b]. */
export const COLOURS = {
  red: [200, 30, 30],
  green: [30, 160, 40],
  blue: [40, 60, 210],
  magenta: [200, 40, 190],
};

/** Writes a Y4M film of one colour with a moving mark, so that frames differ; returns its path. */
export function film(folder, colour) {
  const path = join(folder, `${colour}.y4m`);
  const [y, u, v] = yuv(COLOURS[colour]);
  const parts = [Buffer.from(`YUV4MPEG2 W${WIDTH} H${HEIGHT} F${FPS}:1 Ip A1:1 C420jpeg\n`)];
  for (let frame = 0; frame < FRAMES; frame++) {
    const luma = Buffer.alloc(WIDTH * HEIGHT, y);
    const left = Math.floor((frame / FRAMES) * (WIDTH - 80));
    for (let row = 20; row < 60; row++) luma.fill(235, row * WIDTH + left, row * WIDTH + left + 80);
    const chroma = (WIDTH / 2) * (HEIGHT / 2);
    parts.push(Buffer.from('FRAME\n'), luma, Buffer.alloc(chroma, u), Buffer.alloc(chroma, v));
  }
  writeFileSync(path, Buffer.concat(parts));
  return path;
}

/** Writes a WAV of one steady tone, ten seconds at 48 kHz; returns its path. */
export function tone(folder, hertz) {
  const path = join(folder, `${hertz}.wav`);
  const rate = 48000;
  const samples = rate * 10;
  const data = Buffer.alloc(44 + samples * 2);
  data.write('RIFF', 0);
  data.writeUInt32LE(36 + samples * 2, 4);
  data.write('WAVEfmt ', 8);
  data.writeUInt32LE(16, 16);
  data.writeUInt16LE(1, 20);
  data.writeUInt16LE(1, 22);
  data.writeUInt32LE(rate, 24);
  data.writeUInt32LE(rate * 2, 28);
  data.writeUInt16LE(2, 32);
  data.writeUInt16LE(16, 34);
  data.write('data', 36);
  data.writeUInt32LE(samples * 2, 40);
  for (let at = 0; at < samples; at++) {
    data.writeInt16LE(Math.round(12000 * Math.sin((2 * Math.PI * hertz * at) / rate)), 44 + at * 2);
  }
  writeFileSync(path, data);
  return path;
}

/** The name of the colour nearest to [r, g, b], or null when it is near to none. */
export function nearest([r, g, b]) {
  let best = null;
  let distance = 90;
  for (const [name, [cr, cg, cb]] of Object.entries(COLOURS)) {
    const d = Math.hypot(r - cr, g - cg, b - cb);
    if (d < distance) [best, distance] = [name, d];
  }
  return best;
}

function yuv([r, g, b]) {
  return [
    Math.round(0.299 * r + 0.587 * g + 0.114 * b),
    Math.round(128 - 0.168736 * r - 0.331264 * g + 0.5 * b),
    Math.round(128 + 0.5 * r - 0.418688 * g - 0.081312 * b),
  ];
}
