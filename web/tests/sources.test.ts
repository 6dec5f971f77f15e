import { beforeEach, describe, expect, test, vi } from 'vitest';

class Track extends EventTarget {
  stopped = false;
  contentHint = '';
  constructor(readonly kind: 'audio' | 'video') {
    super();
  }
  stop() {
    this.stopped = true;
  }
}

const opened: Track[] = [];
let refuse: DOMException | null = null;

function stream(...kinds: ('audio' | 'video')[]) {
  const tracks = kinds.map((kind) => new Track(kind));
  opened.push(...tracks);
  return {
    getTracks: () => tracks,
    getVideoTracks: () => tracks.filter((track) => track.kind === 'video'),
    getAudioTracks: () => tracks.filter((track) => track.kind === 'audio'),
  };
}

vi.stubGlobal('HTMLMediaElement', EventTarget);
vi.stubGlobal('localStorage', { getItem: () => null, setItem: () => undefined });
vi.stubGlobal('navigator', {
  mediaDevices: {
    addEventListener: () => undefined,
    enumerateDevices: async () => [],
    getUserMedia: async (wish: MediaStreamConstraints) => {
      if (refuse) throw refuse;
      return stream(wish.video ? 'video' : 'audio');
    },
    getDisplayMedia: async () => stream('video', 'audio'),
  },
});

const { Sources } = await import('../src/room/media/sources.svelte');

beforeEach(() => {
  opened.length = 0;
  refuse = null;
});

function watched() {
  const sources = new Sources();
  const said: string[] = [];
  sources.connect({
    changed: (source, track) => said.push(`${source} ${track ? 'on' : 'off'}`),
    lost: (source) => said.push(`${source} lost`),
  });
  return { sources, said };
}

describe('own sources', () => {
  test('r11_microphone_and_camera_are_off_until_their_owner_releases_them', async () => {
    const { sources, said } = watched();
    await sources.devices.list();
    expect(opened).toEqual([]);
    expect(sources.on.size).toBe(0);
    await sources.toggle('microphone');
    expect([...sources.on.keys()]).toEqual(['microphone']);
    expect(said).toEqual(['microphone on']);
  });

  test('r11_taking_back_releases_the_device', async () => {
    const { sources, said } = watched();
    await sources.toggle('camera');
    await sources.toggle('camera');
    expect(opened.map((track) => track.stopped)).toEqual([true]);
    expect(sources.on.size).toBe(0);
    expect(said).toEqual(['camera on', 'camera off']);
  });

  test('r11_a_moderators_mute_only_takes_back', async () => {
    const { sources, said } = watched();
    sources.takeBack('microphone');
    expect(sources.on.size).toBe(0);
    expect(opened).toEqual([]);
    await sources.toggle('microphone');
    sources.takeBack('microphone');
    expect(sources.on.size).toBe(0);
    expect(said.at(-1)).toBe('microphone off');
  });

  test('a screen goes with its sound', async () => {
    const { sources, said } = watched();
    await sources.share();
    expect([...sources.on.keys()]).toEqual(['screen', 'screenAudio']);
    sources.takeBack('screen');
    expect(opened.every((track) => track.stopped)).toBe(true);
    expect(said).toEqual(['screen on', 'screenAudio on', 'screenAudio off', 'screen off']);
  });

  test('a device that is unplugged is off, and its owner hears of it', async () => {
    const { sources, said } = watched();
    await sources.toggle('camera');
    opened[0]?.dispatchEvent(new Event('ended'));
    expect(sources.on.size).toBe(0);
    expect(said).toEqual(['camera on', 'camera off', 'camera lost']);
  });

  test.each([
    ['NotAllowedError', 'denied'],
    ['NotFoundError', 'missing'],
    ['NotReadableError', 'busy'],
  ])('%s is explained as %s', async (name, why) => {
    const { sources } = watched();
    refuse = new DOMException('no', name);
    expect(await sources.toggle('camera')).toBe(false);
    expect(sources.devices.problem).toEqual({ device: 'camera', why });
  });
});
