import { dictionary } from '../../shared/language.svelte';
import { de } from './de';
import { en } from './en';

/** The playback page's words in the language in force. */
export const t = dictionary({ en, de });
