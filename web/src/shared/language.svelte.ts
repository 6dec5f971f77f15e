import { preferences, remember } from './preferences';

export type Language = 'de' | 'en';
export const languages: readonly { id: Language; name: string }[] = [
  { id: 'de', name: 'Deutsch' },
  { id: 'en', name: 'English' },
];

/** The first language of the device that we speak; English if none. */
export function deviceLanguage(wanted: readonly string[]): Language {
  for (const tag of wanted) {
    const base = tag.toLowerCase().split('-')[0];
    if (base === 'de' || base === 'en') return base;
  }
  return 'en';
}

const initial = preferences().language ?? deviceLanguage(navigator.languages);
let current = $state<Language>(initial);
document.documentElement.lang = initial;

export const language = {
  get current(): Language {
    return current;
  },
  choose(next: Language): void {
    remember({ language: next });
    speak(next);
  },
  /** The front end asks for a language: taken unless the person has chosen one on this device. */
  suggest(wanted: string | null): void {
    const tags = wanted === null ? [] : [wanted, ...navigator.languages];
    if (tags.length > 0 && preferences().language === undefined) speak(deviceLanguage(tags));
  },
};

function speak(next: Language): void {
  current = next;
  document.documentElement.lang = next;
}

/** A page's words: both dictionaries have the same shape, which the compiler checks; call it to read the current one. */
export function dictionary<T>(texts: { en: T; de: T }): () => T {
  return () => texts[current];
}
