// The network matrix: a real Chromium behind bad networks, against floors for each (lib/matrix/cells.mjs).
// Usage: node matrix.mjs [short | CELL…]; needs root.
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CELLS } from './lib/matrix/cells.mjs';
import { makeNamespaces, removeNamespaces } from './lib/matrix/network.mjs';

const wanted = process.argv.slice(2);
const short = wanted.includes('short');
const names = CELLS.filter((cell) => (short ? cell.short : wanted.length === 0 || wanted.includes(cell.name))).map(({ name }) => name);
if (names.length === 0) {
  console.error(`there is no such cell; there are: short ${CELLS.map(({ name }) => name).join(' ')}`);
  process.exit(64);
}
if (process.getuid() !== 0) {
  console.log('network namespaces need root: skipped');
  process.exit(0);
}

const inside = join(dirname(fileURLToPath(import.meta.url)), 'lib', 'matrix', 'inside.mjs');
const [command, ...prefix] = makeNamespaces();
try {
  const run = spawnSync(command, [...prefix, process.execPath, inside, ...names], { stdio: 'inherit' });
  process.exitCode = run.status ?? 1;
} finally {
  removeNamespaces();
}
