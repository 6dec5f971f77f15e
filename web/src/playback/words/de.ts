import type { Words } from './en';

export const de: Words = {
  absence: {
    expired: {
      title: 'Dieser Link ist abgelaufen',
      text: 'Aus Sicherheitsgründen gelten Links zu Aufzeichnungen nur begrenzte Zeit. Öffne die Aufzeichnung erneut von deiner Kursseite.',
    },
    unknown: {
      title: 'Diese Aufzeichnung gibt es nicht',
      text: 'Prüf die Adresse oder öffne die Aufzeichnung von deiner Kursseite.',
    },
    processing: {
      title: 'Die Aufzeichnung wird vorbereitet',
      text: 'Das dauert wenige Sekunden. Die Seite sieht von selbst wieder nach.',
    },
    unpublished: {
      title: 'Diese Aufzeichnung ist nicht veröffentlicht',
      text: 'Deine Schule hat sie zurückgezogen. Frag deine Lehrkraft, wenn du sie brauchst.',
    },
    erased: {
      title: 'Diese Aufzeichnung wurde gelöscht',
      text: 'Ihre Zeit war um, oder deine Schule hat sie löschen lassen. Gelöschtes lässt sich nicht zurückholen.',
    },
    broken: {
      title: 'Die Aufzeichnung lässt sich gerade nicht zeigen',
      text: 'Prüf dein Netz und lade die Seite neu. Bleibt es so, sag denen Bescheid, die den Server deiner Schule betreuen.',
    },
    empty: {
      title: 'Diese Aufzeichnung ist leer',
      text: 'Während sie lief, war kein Mikrofon, keine Kamera und kein Bildschirm an.',
    },
    browser: {
      title: 'Dieser Browser kann die Aufzeichnung nicht abspielen',
      text: 'Nimm ein aktuelles Chrome, Edge oder Firefox.',
    },
  },
  again: 'Neu laden',
  loading: 'Die Aufzeichnung wird geladen …',
  recording: 'Aufzeichnung',
  of: (date) => `Aufgezeichnet am ${date}`,
  kept: (date) => `Sie bleibt bis ${date} und wird dann gelöscht.`,
  keptDays: (days) => `Sie bleibt ${days} ${days === 1 ? 'Tag' : 'Tage'} nach dem Unterricht und wird dann gelöscht.`,
  noDate: 'Ein Löschdatum ist nicht festgelegt.',
  player: 'Abspieler',
  play: 'Abspielen',
  pause: 'Anhalten',
  waiting: 'Lädt …',
  position: 'Stelle',
  positionOf: (at, of) => `${at} von ${of}`,
  speed: 'Tempo',
  volume: 'Lautstärke',
  fullscreen: 'Ganzer Bildschirm',
  chapters: 'Abschnitte',
  chapter: (number, time) => `Abschnitt ${number}, ${time}`,
  speakers: 'Wer wann zu hören und zu sehen war',
  heard: (name, times) => `${name} war zu hören: ${times}`,
  silent: (name) => `${name} war nicht zu hören.`,
  legend: { voice: 'Stimme', picture: 'Kamera oder Bildschirm' },
  someone: 'Jemand',
  screenOf: (name) => `Bildschirm von ${name}`,
  notes: 'Chat',
  reacted: (name, emoji) => `${name}: ${emoji}`,
  jump: (time) => `Springe zu ${time}`,
  keys: 'Leertaste spielt ab und hält an, Pfeile springen 5 Sekunden, Pos1 und Ende gehen an die Enden.',
  lost: 'Der Link zu dieser Aufzeichnung ist abgelaufen. Öffne sie erneut von deiner Kursseite.',
};
