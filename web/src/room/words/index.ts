import { dictionary } from '../../shared/language.svelte';
import { de } from './de';
import { en } from './en';

export type { Words } from './en';

/** The room's words in the language in force. */
export const t = dictionary({ en, de });
