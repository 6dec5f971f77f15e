// Starts the real server on free ports with a data folder of its own, and stops it.
import { spawn, spawnSync } from 'node:child_process';
import { createServer } from 'node:net';
import { createSocket } from 'node:dgram';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { until } from './until.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const target = process.env.CARGO_TARGET_DIR ?? join(root, 'target');

/** The binary under test: `LECTERN_BIN`, else the newest of the debug and release builds. */
export const binary = process.env.LECTERN_BIN ?? newest([join(target, 'debug/lectern'), join(target, 'release/lectern')]);

export const SECRET = 'e2e-'.padEnd(64, 'x');

/** Starts `lectern serve`. Options: `ip` for HTTP and media, `env` for further settings, `data` to go on with a folder. */
export async function startServer({ ip = '127.0.0.1', env = {}, data } = {}) {
  const folder = data ?? mkdtempSync(join(tmpdir(), 'lectern-e2e-'));
  const [http, admin, udp] = [await freeTcp(ip), await freeTcp('127.0.0.1'), await freeUdp(ip)];
  const host = ip.includes(':') ? `[${ip}]` : ip;
  const settings = {
    LECTERN_HTTP: `${host}:${http}`,
    LECTERN_PUBLIC_URL: `http://${host}:${http}`,
    LECTERN_UDP: `${host}:${udp}`,
    LECTERN_MEDIA_IP: ip,
    LECTERN_ADMIN: `127.0.0.1:${admin}`,
    LECTERN_DATA: folder,
    LECTERN_LMS_SECRET: SECRET,
    LECTERN_RETENTION: '7d',
    LECTERN_DEMO: 'on',
    ...env,
  };
  const child = spawn(binary, ['serve'], { env: { ...process.env, ...settings }, cwd: folder });
  let log = '';
  child.stdout.on('data', (text) => (log += text));
  child.stderr.on('data', (text) => (log += text));
  const ended = new Promise((resolve) => child.on('exit', resolve));
  const server = {
    url: settings.LECTERN_PUBLIC_URL,
    admin: `http://127.0.0.1:${admin}`,
    udp: { ip, port: udp },
    data: folder,
    settings,
    pid: child.pid,
    log: () => log,
    metrics: async () => await (await fetch(`http://127.0.0.1:${admin}/metrics`)).text(),
    async stop({ keep = false } = {}) {
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), 15000);
      await ended;
      clearTimeout(timer);
      if (!keep && !data) rmSync(folder, { recursive: true, force: true });
    },
  };
  await until('the server is ready', async () => {
    if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode}:\n${log}`);
    return (await fetch(`${server.admin}/readyz`).catch(() => null))?.ok;
  }, 20000);
  return server;
}

/** Runs a command of the program on the server's data; returns { code, out }. */
export function lectern(server, ...args) {
  const run = spawnSync(binary, args, { env: { ...process.env, ...server.settings }, cwd: server.data, encoding: 'utf8' });
  return { code: run.status, out: `${run.stdout}${run.stderr}` };
}

/** Every file below a folder. */
export function files(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

/** The files below a folder that hold these bytes (text as UTF-8 or UTF-16). */
export function filesWith(folder, needle) {
  const needles = typeof needle === 'string' ? [Buffer.from(needle), Buffer.from(needle, 'utf16le')] : [needle];
  return files(folder).filter((file) => {
    const bytes = readFileSync(file);
    return needles.some((bytesWanted) => bytes.includes(bytesWanted));
  });
}

function newest(paths) {
  const there = paths.filter((path) => existsSync(path));
  return there.sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs)[0] ?? paths[0];
}

function freeTcp(ip) {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.on('error', reject);
    probe.listen(0, ip, () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

function freeUdp(ip) {
  return new Promise((resolve, reject) => {
    const probe = createSocket(ip.includes(':') ? 'udp6' : 'udp4');
    probe.on('error', reject);
    probe.bind(0, ip, () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}
