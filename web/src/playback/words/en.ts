import type { Absence } from '../manifest';

const absence: Record<Absence, { title: string; text: string }> = {
  expired: {
    title: 'This link has expired',
    text: 'For safety, links to recordings are valid for a limited time. Open the recording again from your course page.',
  },
  unknown: {
    title: 'There is no such recording',
    text: 'Check the address, or open the recording from your course page.',
  },
  processing: {
    title: 'The recording is being prepared',
    text: 'This takes a few seconds. The page looks again by itself.',
  },
  unpublished: {
    title: 'This recording is not published',
    text: 'Your school has withdrawn it. Ask your teacher if you need it.',
  },
  erased: {
    title: 'This recording was erased',
    text: 'Its time was over, or your school had it erased. What was erased cannot be brought back.',
  },
  broken: {
    title: 'The recording cannot be shown now',
    text: 'Check your network and load the page again. If it stays like this, tell whoever runs your school’s server.',
  },
  empty: { title: 'This recording is empty', text: 'Nobody’s microphone, camera or screen was on while it ran.' },
  browser: {
    title: 'This browser cannot play the recording',
    text: 'Use a current Chrome, Edge or Firefox.',
  },
};

export const en = {
  absence,
  again: 'Load again',
  loading: 'Loading the recording …',
  recording: 'Recording',
  of: (date: string) => `Recorded on ${date}`,
  kept: (date: string) => `It is kept until ${date}, then erased.`,
  /** The class may still be running, or the school erases on request only. */
  keptDays: (days: number) => `It is kept for ${days} ${days === 1 ? 'day' : 'days'} after the class, then erased.`,
  noDate: 'No date of erasure is set.',
  player: 'Player',
  play: 'Play',
  pause: 'Pause',
  waiting: 'Loading …',
  position: 'Position',
  positionOf: (at: string, of: string) => `${at} of ${of}`,
  speed: 'Speed',
  volume: 'Volume',
  fullscreen: 'Full screen',
  chapters: 'Segments',
  chapter: (number: number, time: string) => `Segment ${number}, ${time}`,
  speakers: 'Who was heard and seen when',
  heard: (name: string, times: string) => `${name} was heard: ${times}`,
  silent: (name: string) => `${name} was not heard.`,
  legend: { voice: 'voice', picture: 'camera or screen' },
  someone: 'Somebody',
  screenOf: (name: string) => `${name}’s screen`,
  notes: 'Chat',
  reacted: (name: string, emoji: string) => `${name}: ${emoji}`,
  jump: (time: string) => `Jump to ${time}`,
  keys: 'Space plays and pauses, arrows jump 5 seconds, Home and End go to the ends.',
  lost: 'The link to this recording has expired. Open it again from your course page.',
};

export type Words = typeof en;
