// R15: every word exists in German and English, and takes the same things.

import { describe, expect, test, vi } from 'vitest';

vi.stubGlobal('document', { documentElement: { lang: '', dataset: {} } });
vi.stubGlobal('navigator', { languages: ['en'] });
vi.stubGlobal('localStorage', { getItem: () => null, setItem: () => undefined });

const pages = {
  room: await Promise.all([import('../src/room/words/en'), import('../src/room/words/de')]),
  playback: await Promise.all([import('../src/playback/words/en'), import('../src/playback/words/de')]),
  demo: await import('../src/demo/words').then((words) => [words, words] as const),
  message: await import('../src/message/words').then((words) => [words, words] as const),
};

type Tree = { [key: string]: Tree | string | ((...values: never[]) => string) };

/** Every word with its path; functions are asked with samples. */
function spoken(tree: Tree, path = ''): Map<string, string> {
  const words = new Map<string, string>();
  for (const [key, value] of Object.entries(tree)) {
    const here = `${path}/${key}`;
    if (typeof value === 'string') words.set(here, value);
    else if (typeof value === 'function') words.set(here, (value as (...values: unknown[]) => string)('7', '8'));
    else for (const [inner, word] of spoken(value, here)) words.set(inner, word);
  }
  return words;
}

describe.each(Object.entries(pages))('the words of %s', (_, [first, second]) => {
  const en = spoken(first.en as unknown as Tree);
  const de = spoken(second.de as unknown as Tree);

  test('r15_every_word_is_there_in_german_and_english', () => {
    expect([...de.keys()].sort()).toEqual([...en.keys()].sort());
    for (const [path, word] of [...en, ...de]) expect(word.trim(), path).not.toBe('');
  });

  test('sentences are translated, not copied', () => {
    const same = [...en].filter(([path, word]) => word === de.get(path) && word.split(' ').length > 2);
    expect(same).toEqual([]);
  });
});

describe('the language', async () => {
  const { deviceLanguage } = await import('../src/shared/language.svelte');

  test('is the first of the device that is spoken here', () => {
    expect(deviceLanguage(['fr-FR', 'de-AT', 'en'])).toBe('de');
    expect(deviceLanguage(['en-GB', 'de'])).toBe('en');
    expect(deviceLanguage(['tr', 'ar'])).toBe('en');
  });
});
