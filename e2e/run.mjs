// Runs the end-to-end tests one after another: browsers share two cores, so nothing runs beside anything else.
// Usage: node run.mjs [name…], where a name is a file of tests/ without its ending.
import { readdirSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const wanted = process.argv.slice(2);
const files = readdirSync(join(here, 'tests'))
  .filter((file) => file.endsWith('.test.mjs'))
  .filter((file) => wanted.length === 0 || wanted.includes(file.replace('.test.mjs', '')))
  .map((file) => join(here, 'tests', file));

const run = spawnSync(
  process.execPath,
  ['--test', '--test-concurrency=1', '--test-timeout=240000', '--test-reporter=spec', ...files],
  { stdio: 'inherit' },
);
process.exit(run.status ?? 1);
