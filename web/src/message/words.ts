import { dictionary } from '../shared/language.svelte';
import type { Kind } from './kinds';

interface Said {
  title: string;
  text: string;
}

export interface Words {
  said: Record<Kind, Said>;
  /** For error keys of refused joins; others are told as `refused`. */
  errors: Record<string, Said>;
  again: string;
}

export const en: Words = {
  again: 'Try again',
  said: {
    'not-found': {
      title: 'This page does not exist',
      text: 'Check the address. Classes and recordings are opened from your course page.',
    },
    'link-expired': {
      title: 'This link has expired',
      text: 'Links are valid for a limited time. Open the class or the recording again from your course page.',
    },
    'meeting-ended': { title: 'The class has ended', text: 'Thank you for taking part.' },
    left: { title: 'You have left the class', text: 'You can close this page.' },
    ejected: {
      title: 'You were removed from the class',
      text: 'If this was a mistake, ask your teacher and open the class again from your course page.',
    },
    session: {
      title: 'A class is opened from your course',
      text: 'This address alone leads nowhere. Open the class from your course page or your invitation.',
    },
    'no-cookie': {
      title: 'The browser does not keep the entry',
      text: 'Allow cookies for this site and open the class again. One cookie is used, and it is gone when the browser closes.',
    },
    browser: {
      title: 'This browser is too old',
      text: 'The class needs a current Chrome, Edge, Firefox or Safari. Update your browser, or use another one.',
    },
    server: {
      title: 'Something went wrong on the server',
      text: 'Try again in a moment. If it stays like this, tell whoever runs your school’s server.',
    },
    refused: {
      title: 'The class could not be opened',
      text: 'The server refused this link. Open the class again from your course page. If it stays like this, tell your teacher.',
    },
  },
  errors: {
    checksumError: {
      title: 'This link is not valid',
      text: 'It was changed, or the course page and the server do not share the same secret. Tell your teacher.',
    },
    meetingForciblyEnded: { title: 'The class has ended', text: 'A moderator has ended it. It can be started anew from the course page.' },
    invalidMeetingIdentifier: { title: 'This class is not running', text: 'It has not begun, or is over. Open it from your course page.' },
    notFound: { title: 'This class is not running', text: 'It has not begun, or is over. Open it from your course page.' },
    maxParticipantsReached: { title: 'The class is full', text: 'Try again when somebody has left.' },
    guestDeniedAccess: { title: 'Guests are not admitted', text: 'Sign in on your course page and open the class from there.' },
  },
};

export const de: Words = {
  again: 'Noch einmal versuchen',
  said: {
    'not-found': {
      title: 'Diese Seite gibt es nicht',
      text: 'Prüf die Adresse. Unterricht und Aufzeichnungen öffnet man von der Kursseite.',
    },
    'link-expired': {
      title: 'Dieser Link ist abgelaufen',
      text: 'Links gelten nur begrenzte Zeit. Öffne den Unterricht oder die Aufzeichnung erneut von deiner Kursseite.',
    },
    'meeting-ended': { title: 'Der Unterricht ist beendet', text: 'Danke fürs Mitmachen.' },
    left: { title: 'Du hast den Unterricht verlassen', text: 'Du kannst diese Seite schließen.' },
    ejected: {
      title: 'Du wurdest aus dem Unterricht entfernt',
      text: 'War das ein Versehen, frag deine Lehrkraft und öffne den Unterricht erneut von deiner Kursseite.',
    },
    session: {
      title: 'Unterricht öffnet man aus dem Kurs',
      text: 'Diese Adresse allein führt nirgendwohin. Öffne den Unterricht von deiner Kursseite oder deiner Einladung.',
    },
    'no-cookie': {
      title: 'Der Browser behält den Zugang nicht',
      text: 'Erlaube Cookies für diese Seite und öffne den Unterricht erneut. Es ist ein einziges Cookie, und es verschwindet, wenn der Browser schließt.',
    },
    browser: {
      title: 'Dieser Browser ist zu alt',
      text: 'Der Unterricht braucht ein aktuelles Chrome, Edge, Firefox oder Safari. Aktualisiere deinen Browser oder nimm einen anderen.',
    },
    server: {
      title: 'Auf dem Server ist etwas schiefgegangen',
      text: 'Versuch es gleich noch einmal. Bleibt es so, sag denen Bescheid, die den Server deiner Schule betreuen.',
    },
    refused: {
      title: 'Der Unterricht ließ sich nicht öffnen',
      text: 'Der Server hat diesen Link abgelehnt. Öffne den Unterricht erneut von deiner Kursseite. Bleibt es so, sag deiner Lehrkraft Bescheid.',
    },
  },
  errors: {
    checksumError: {
      title: 'Dieser Link ist nicht gültig',
      text: 'Er wurde verändert, oder Kursseite und Server haben nicht dasselbe Geheimnis. Sag deiner Lehrkraft Bescheid.',
    },
    meetingForciblyEnded: { title: 'Der Unterricht ist beendet', text: 'Die Moderation hat ihn beendet. Von der Kursseite aus kann er neu beginnen.' },
    invalidMeetingIdentifier: { title: 'Dieser Unterricht läuft nicht', text: 'Er hat noch nicht begonnen oder ist vorbei. Öffne ihn von deiner Kursseite.' },
    notFound: { title: 'Dieser Unterricht läuft nicht', text: 'Er hat noch nicht begonnen oder ist vorbei. Öffne ihn von deiner Kursseite.' },
    maxParticipantsReached: { title: 'Der Raum ist voll', text: 'Versuch es erneut, wenn jemand gegangen ist.' },
    guestDeniedAccess: { title: 'Gäste haben keinen Zutritt', text: 'Melde dich auf deiner Kursseite an und öffne den Unterricht von dort.' },
  },
};

export const t = dictionary({ en, de });
