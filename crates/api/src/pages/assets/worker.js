// Opens the page where there is no network. It keeps frame, style and program of one build, and nothing of anybody.
'use strict';

const BUILD = 'vokasi-mark-{build}';
// Each with the digest that it must have: what another build answers is not taken.
const FILES = [
  ['{frame}', '{frames}'],
  ['/assets/register.css?{style}', '{style_digest}'],
  ['/assets/register.js?{program}', '{program_digest}'],
];
const FRAME = FILES[0][0];

async function fetchAll() {
  const answers = await Promise.all(FILES.map(([address, integrity]) =>
    fetch(address, { integrity, cache: 'no-cache', credentials: 'omit' })));
  if (!answers.every((answer) => answer.ok)) throw new Error('not a whole build');
  const cache = await caches.open(BUILD);
  await Promise.all(answers.map((answer, at) => cache.put(FILES[at][0], answer)));
}

async function forgetOthers() {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith('vokasi-mark-') && name !== BUILD).map((name) => caches.delete(name)));
}

async function answer(address, request) {
  const cache = await caches.open(BUILD);
  return await cache.match(address, { ignoreVary: true }) || fetch(request);
}

self.addEventListener('install', (event) => event.waitUntil(fetchAll()));
self.addEventListener('activate', (event) => event.waitUntil(forgetOthers()));
// A page says so once it is whole, so that what it loads is never of two builds.
self.addEventListener('message', () => self.skipWaiting());
self.addEventListener('fetch', (event) => {
  const { origin, pathname, search } = new URL(event.request.url);
  if (event.request.method !== 'GET' || origin !== self.location.origin) return;
  const page = event.request.mode === 'navigate' && /^\/mark\/[0-9A-Za-z]{13}$/.test(pathname);
  const address = page ? FRAME : pathname + search;
  if (FILES.some(([one]) => one === address)) event.respondWith(answer(address, event.request));
});
