import { forget, preferences, remember } from './preferences';

export type Theme = 'device' | 'light' | 'dark';

let chosen = $state<Theme>(preferences().theme ?? 'device');

/** The theme in force by choice; `device` follows the system. */
export const theme = {
  get chosen(): Theme {
    return chosen;
  },
  choose(next: Theme): void {
    chosen = next;
    if (next === 'device') forget('theme');
    else remember({ theme: next });
    apply();
  },
};

function apply(): void {
  if (chosen === 'device') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = chosen;
}

apply();
