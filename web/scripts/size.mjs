// The first load of the room page stays within its budget: all JavaScript that room.html reaches, gzipped.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';

const BUDGET = 200 * 1024;
const dist = join(import.meta.dirname, '..', 'dist');

/** Files that a page or script names, followed through static and dynamic imports. */
function reach(file, found = new Set()) {
  const text = readFileSync(join(dist, file), 'utf8');
  const names = file.endsWith('.html')
    ? [...text.matchAll(/(?:src|href)="\/([^"]+\.js)"/g)].map((match) => match[1])
    : [...text.matchAll(/["'`]((?:\.{1,2}\/|assets\/)[\w./-]+\.js)["'`]/g)].map((match) =>
        match[1].startsWith('.') ? join(dirname(file), match[1]) : match[1],
      );
  for (const name of names) {
    if (!found.has(name)) reach(name, found.add(name));
  }
  return found;
}

let over = false;
for (const page of ['room', 'playback', 'demo', 'message']) {
  const sizes = [...reach(`${page}.html`)].map((file) => gzipSync(readFileSync(join(dist, file)), { level: 9 }).length);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  over ||= total > BUDGET || total === 0;
  console.log(`${page.padEnd(9)} ${(total / 1024).toFixed(1).padStart(6)} KiB gzip in ${sizes.length} files`);
}
if (over) {
  console.error(`a page is over its budget of ${BUDGET / 1024} KiB (or names no script)`);
  process.exit(1);
}
