import { dictionary } from '../shared/language.svelte';

export const en = {
  page: 'Demo course',
  title: 'Try a class',
  text: 'This page stands in for your learning platform: it signs its calls to the server as a real one does, so that you can open a class as a teacher and join it as a student. Open the second person in another browser or in a private window.',
  name: 'Your name',
  course: 'Course',
  courses: 'Mathematics 7b',
  names: { moderator: 'Ms Albrecht', viewer: 'Jonas' },
  teacher: 'Start as teacher',
  student: 'Join as student',
  missing: 'Enter a name and a course first.',
  failed: 'The class could not be opened. Check that the server is running and try again.',
  opening: 'The class is being opened …',
  left: 'You have left the class and are back on the course page.',
  recordings: 'Recordings',
  none: 'No recordings yet. Press “Record” in a class; the recording stands here seconds after you stop it.',
  noList: 'The list of recordings cannot be loaded. Load the page again.',
  watch: 'Watch',
  preparing: 'being prepared',
  hidden: 'not published',
  refresh: 'Look again',
};

export const de: typeof en = {
  page: 'Demo-Kurs',
  title: 'Unterricht ausprobieren',
  text: 'Diese Seite steht für deine Lernplattform: Sie unterschreibt ihre Aufrufe an den Server wie eine echte, damit du Unterricht als Lehrkraft öffnen und als Schülerin oder Schüler betreten kannst. Öffne die zweite Person in einem anderen Browser oder einem privaten Fenster.',
  name: 'Dein Name',
  course: 'Kurs',
  courses: 'Mathematik 7b',
  names: { moderator: 'Frau Albrecht', viewer: 'Jonas' },
  teacher: 'Als Lehrkraft starten',
  student: 'Als Schüler:in teilnehmen',
  missing: 'Gib zuerst einen Namen und einen Kurs ein.',
  failed: 'Der Unterricht ließ sich nicht öffnen. Prüf, ob der Server läuft, und versuch es erneut.',
  opening: 'Der Unterricht wird geöffnet …',
  left: 'Du hast den Unterricht verlassen und bist zurück auf der Kursseite.',
  recordings: 'Aufzeichnungen',
  none: 'Noch keine Aufzeichnungen. Drück im Unterricht auf „Aufnehmen“; Sekunden nach dem Ende steht die Aufzeichnung hier.',
  noList: 'Die Liste der Aufzeichnungen lässt sich nicht laden. Lade die Seite neu.',
  watch: 'Ansehen',
  preparing: 'wird vorbereitet',
  hidden: 'nicht veröffentlicht',
  refresh: 'Neu nachsehen',
};

export const t = dictionary({ en, de });
