// Click to first remote frame: one teacher with a camera, a student who joins again and again with a warm page.
// Prints a JSON object on its last line (contract.md, `scripts/bench join`).
import { execFileSync } from 'node:child_process';
import { cpus } from 'node:os';
import { startServer } from './lib/server.mjs';
import { create } from './lib/lms.mjs';
import { enter, person, stats, turnOn } from './lib/people.mjs';
import { until } from './lib/until.mjs';

const ROUNDS = Number(process.env.ROUNDS ?? 12);

const server = await startServer();
const teacher = await person({ colour: 'red' });
const student = await person({ colour: 'green' });
const frame = [];
const join = [];
let failures = 0;
try {
  await create(server, 'bench');
  await enter(teacher, server, 'bench', 'Ada Teacher', 'MODERATOR');
  await turnOn(teacher, 'camera');
  for (let round = 0; round <= ROUNDS; round++) {
    await enter(student, server, 'bench', `Pupil ${round}`, 'VIEWER');
    const measured = await until('a frame', async () => {
      const now = await stats(student);
      return now.firstFrameMs > 0 && now;
    }).catch(() => null);
    // The first round warms the page's cache and is not counted.
    if (round === 0) continue;
    if (!measured) failures++;
    else {
      frame.push(measured.firstFrameMs);
      join.push(measured.joinMs);
    }
  }
} finally {
  await teacher.close();
  await student.close();
  await server.stop();
}

const at = (values, share) => values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))];
console.log(JSON.stringify({
  bench: 'join',
  rounds: ROUNDS,
  click_to_frame_ms_p50: at(frame, 0.5),
  click_to_frame_ms_p99: at(frame, 0.99),
  click_to_frame_ms_min: Math.min(...frame),
  join_ms_p50: at(join, 0.5),
  failures,
  commit: execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim(),
  machine: `${cpus().length} x ${cpus()[0].model}`,
}));
