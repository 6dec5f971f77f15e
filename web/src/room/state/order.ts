// In which order people are drawn.

import type { Person } from '../../generated/Person';

/** Tiles: who shows a picture first, then moderators, then in the order in which they came. */
export function tileOrder(people: readonly Person[]): Person[] {
  const rank = (person: Person) => (person.on.includes('camera') ? 0 : 2) + (person.role === 'moderator' ? 0 : 1);
  return [...people].sort((a, b) => rank(a) - rank(b));
}

/** The list: moderators first, then by name as the language sorts it. */
export function listOrder(people: readonly Person[], language: string): Person[] {
  const collator = new Intl.Collator(language, { numeric: true, sensitivity: 'base' });
  const rank = (person: Person) => (person.role === 'moderator' ? 0 : 1);
  return [...people].sort((a, b) => rank(a) - rank(b) || collator.compare(a.name, b.name));
}
