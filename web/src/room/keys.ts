// Single keys as shortcuts: only while nothing is typed, and only without another key (WCAG 2.1.4).

export const KEYS = {
  m: 'microphone',
  v: 'camera',
  s: 'share',
  h: 'hand',
  r: 'react',
  c: 'chat',
  p: 'people',
  l: 'layout',
  '?': 'help',
} as const;

export type Shortcut = (typeof KEYS)[keyof typeof KEYS];

interface Pressed {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  readonly repeat: boolean;
}

/** What a key press means; null if it belongs to the page's fields, menus or the browser. */
export function shortcut(event: Pressed, typing: boolean): Shortcut | null {
  if (typing || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return null;
  const key = event.key.toLowerCase();
  return key in KEYS ? KEYS[key as keyof typeof KEYS] : null;
}

/** Whether keys pressed on this element are text or choices of its own. */
export function takesKeys(target: EventTarget | null): boolean {
  return (
    target instanceof Element &&
    target.closest('input, textarea, select, [contenteditable], [role=menu], [role=slider], dialog') !== null
  );
}
