// The register of one session on a phone: the first client of docs/offline.md.
// What is tapped stays on the phone until it has a result. Tokens end with the tab; the registers of the coming two weeks
// stay for whoever asked for it, until they sign out.
'use strict';

const WORDS = {
  id: {
    other: 'English', title: 'Daftar hadir', loading: 'Memuat …', out: 'Keluar',
    signIn: 'Masuk', email: 'Surel', password: 'Kata sandi', code: 'Kode dari aplikasi autentikator',
    codeNeeded: 'Kata sandi cocok. Ketik juga kode dari aplikasi autentikator, atau satu kode pemulihan.',
    waitsForYou: 'tanda di ponsel ini menunggu dikirim. Masuk untuk mengirimnya.',
    elsewhere: {
      told: '{count} tanda dari {when} perlu dilihat. Buka untuk melihatnya.',
      outbox: '{count} tanda dari {when} menunggu dikirim.',
      drafts: '{count} tanda dari {when} belum disimpan. Buka untuk menyimpannya.',
    },
    keepHere: 'Simpan daftar hadir dua minggu di ponsel ini, untuk tempat tanpa sinyal. Jangan di ponsel pinjaman.',
    goOn: 'Tidak ada jaringan? Tandai dulu', enter: 'Masuk dan kirim',
    notIn: 'Tanpa masuk: tanda menunggu di ponsel ini sampai {name} masuk.',
    notHere: 'Pertemuan ini tidak ada di ponsel ini. Masuk memerlukan jaringan.',
    keptHere: '{count} pertemuan ada di ponsel ini dan dapat ditandai tanpa jaringan sampai {day}.',
    H: 'Hadir', T: 'Telat', S: 'Sakit', I: 'Izin', A: 'Alpa',
    minutes: 'Terlambat berapa menit', note: 'Catatan', addNote: '+ Catatan',
    attendance: 'kehadiran', before: 'sebelumnya', marked: 'ditandai', of: 'dari', hours: 'JP',
    save: 'Simpan', saving: 'Mengirim …', rest: 'Yang belum ditandai: hadir', nobody: 'Belum ada peserta di kelas ini pada hari itu.',
    nothing: 'Ketuk tanda, lalu simpan. Yang tidak diketuk tetap belum ditandai.',
    draft: 'Belum disimpan', waiting: 'Di ponsel ini, belum terkirim',
    stored: 'Tersimpan', same: 'Sudah tercatat begitu', superseded: 'Sudah diganti tanda Anda yang lebih baru',
    clash: 'Ada dua jawaban. Daftar hadir: {there}. Ponsel ini: {mine}. Keduanya disimpan. Ketuk yang benar, lalu simpan.',
    openClash: 'Ada dua jawaban tentang orang ini. Ketuk yang benar, lalu simpan.',
    unmarked: 'belum ditandai',
    offline: 'Tidak ada jaringan. Tanda tetap di ponsel ini dan dikirim begitu jaringan kembali dan halaman ini terbuka.',
    sent: 'Terkirim: {stored} tersimpan, {same} sama, {clash} berbeda, {refused} ditolak.',
    sentEarly: '{early} menunggu harinya di ponsel ini.',
    early: 'Di ponsel ini. Dikirim bila halaman ini dibuka pada {day} atau sesudahnya.',
    again: 'Muat lagi', failed: 'Halaman tidak dapat dimuat. Periksa jaringan.',
    busy: 'Server sedang sibuk. Tanda tetap di ponsel ini dan dikirim lagi sebentar lagi.',
    full: 'Penyimpanan ponsel ini tertutup atau penuh: tanda hilang bila halaman ditutup.',
    cancelled: 'Pertemuan ini dibatalkan dan tidak ditandai.',
  },
  en: {
    other: 'Bahasa Indonesia', title: 'Register', loading: 'Loading …', out: 'Sign out',
    signIn: 'Sign in', email: 'E-mail', password: 'Password', code: 'Code of your authenticator app',
    codeNeeded: 'The password matches. Type the code of your authenticator app too, or one recovery code.',
    waitsForYou: 'marks on this phone wait to be sent. Sign in to send them.',
    elsewhere: {
      told: 'Of {when}, not taken as they were sent: {count}. Open it to look at them.',
      outbox: 'Of {when}, waiting to be sent: {count}.',
      drafts: 'Of {when}, not saved yet: {count}. Open it to save them.',
    },
    keepHere: 'Keep the registers of two weeks on this phone, for places without signal. Not on a borrowed phone.',
    goOn: 'No network? Mark first', enter: 'Sign in and send',
    notIn: 'Not signed in: marks wait on this phone until {name} signs in.',
    notHere: 'This session is not on this phone. Signing in needs a network.',
    keptHere: '{count} sessions are on this phone and can be marked without a network until {day}.',
    H: 'Present', T: 'Late', S: 'Sick', I: 'Excused', A: 'Absent',
    minutes: 'Late by how many minutes', note: 'Note', addNote: '+ Note',
    attendance: 'attendance', before: 'before', marked: 'marked', of: 'of', hours: 'lesson hours',
    save: 'Save', saving: 'Sending …', rest: 'Everyone not marked yet: present', nobody: 'Nobody was in this class on that day.',
    nothing: 'Tap a mark, then save. Whoever is not tapped stays unmarked.',
    draft: 'Not saved yet', waiting: 'On this phone, not sent yet',
    stored: 'Saved', same: 'It said so already', superseded: 'A later mark of yours holds',
    clash: 'There are two answers. The register: {there}. This phone: {mine}. Both are kept. Tap the right one, then save.',
    openClash: 'There are two answers about this person. Tap the right one, then save.',
    unmarked: 'not marked',
    offline: 'No network. The marks stay on this phone and are sent once the network is back and this page is open.',
    sent: 'Sent: {stored} saved, {same} the same, {clash} different, {refused} refused.',
    sentEarly: '{early} wait on this phone for their day.',
    early: 'On this phone. Sent when this page is opened on {day} or after it.',
    again: 'Load again', failed: 'The page cannot be loaded. Check the network.',
    busy: 'The server is busy. The marks stay on this phone and are sent again soon.',
    full: 'The storage of this phone is closed or full: marks are lost when the page is closed.',
    cancelled: 'This session was called off and is not marked.',
  },
};
const MARKS = ['H', 'T', 'S', 'I', 'A'];
const SESSION = decodeURIComponent(location.pathname.split('/').pop());
const LONGEST_WAIT = 300;
// Registers are kept for as long as they look ahead, and read anew after an hour.
const KEPT_FOR = 14 * 86400e3;
const KEPT_FRESH = 3600e3;

// Storage that a browser may refuse: what is kept then lasts as long as the page.
let storageFails = false;
const kept = (store, name, fallback) => {
  try {
    const text = store.getItem('vokasi.' + name);
    return text === null ? fallback : JSON.parse(text);
  } catch { return fallback; }
};
const keep = (store, name, value) => {
  try {
    if (value === null) store.removeItem('vokasi.' + name);
    else store.setItem('vokasi.' + name, JSON.stringify(value));
  } catch { storageFails = true; }
};

let language = kept(localStorage, 'language', document.documentElement.lang === 'en' ? 'en' : 'id');
let login = kept(sessionStorage, 'login', null);
// The account whose marks are made here: of whoever is signed in, or of whose registers are on this phone.
let owner = null;
let sheet = null;
// By enrollment: what was tapped and is not saved yet; what was saved and has no result yet; what became of it.
let drafts = {};
let outbox = [];
let told = {};
let message = null;
let sending = false;
// Marks of sessions whose day has not come: they are sent again when the page is opened again.
const early = new Set();
let wait = 0;
let timer = null;
let needsCode = false;
// Whose mark somebody has to look at, once it is drawn.
let toLookAt = null;
// The clock of the register that was drawn last.
let drawn = null;

const words = () => WORDS[language];
const fill = (text, facts) => text.replace(/\{(\w+)\}/g, (_, name) => facts[name]);
const place = (what) => `${what}.${owner}.${SESSION}`;

function restore() {
  drafts = kept(localStorage, place('drafts'), {});
  outbox = kept(localStorage, place('outbox'), []);
  // What nobody has looked at yet of what became of this session's marks.
  Object.assign(told, kept(localStorage, place('told'), {}));
}

function persist() {
  keep(localStorage, place('drafts'), Object.keys(drafts).length ? drafts : null);
  keep(localStorage, place('outbox'), outbox.length ? outbox : null);
  if (sheet) keep(localStorage, place('when'), { held_on: sheet.session.held_on, starts_at: sheet.session.starts_at });
  forgetWhen(place('when'));
}

// Of which day a session is stays for as long as anything of it does.
function forgetWhen(name) {
  const of = (what) => kept(localStorage, name.replace('when', what), null);
  if (!of('drafts') && !of('outbox') && !of('told')) keep(localStorage, name, null);
}

// What this phone keeps of this kind: account, session, what it is.
function everything(what) {
  const start = `vokasi.${what}.`;
  try {
    const names = Object.keys(localStorage).filter((name) => name.startsWith(start));
    return names.map((name) => [...name.slice(start.length).split('.'), kept(localStorage, name.slice('vokasi.'.length), null)]);
  } catch {
    storageFails = true;
    return [];
  }
}

// The same of the owner's other sessions.
const elsewhere = (what) => everything(what).filter(([account, session, kept]) => account === owner && session !== SESSION && kept);

// All that waits to be sent: of this session first, then of every other.
const toSend = () => [...outbox, ...elsewhere('outbox').flatMap(([, , entries]) => entries)].filter((entry) => !early.has(entry.id));

// A UUID of version 4; randomUUID is not there on pages without TLS.
function uuid() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = bytes[6] & 15 | 64;
  bytes[8] = bytes[8] & 63 | 128;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

function device() {
  let name = kept(localStorage, 'device', null);
  if (!name) {
    name = 'web-' + uuid();
    keep(localStorage, 'device', name);
  }
  return name;
}

// Grows with every mark this device makes, whatever it is of.
function nextPlace() {
  const next = Math.max(kept(localStorage, 'place', 0), ...outbox.map((entry) => entry.place), 0) + 1;
  keep(localStorage, 'place', next);
  return next;
}

class NoNetwork extends Error {}

async function ask(method, path, body, token) {
  const stop = new AbortController();
  const clock = setTimeout(() => stop.abort(), 30000);
  const headers = { 'Accept-Language': language };
  if (token) headers.Authorization = 'Bearer ' + token;
  if (body) headers['Content-Type'] = 'application/json';
  try {
    const answer = await fetch('/api/v1' + path, {
      method, headers, body: body && JSON.stringify(body), signal: stop.signal, cache: 'no-store', credentials: 'omit',
    });
    const text = await answer.text();
    let value = null;
    try { value = text ? JSON.parse(text) : null; } catch { value = null; }
    return { status: answer.status, body: value, retry: Number(answer.headers.get('Retry-After')) || 0 };
  } catch {
    throw new NoNetwork();
  } finally {
    clearTimeout(clock);
  }
}

async function reachable() {
  const stop = new AbortController();
  const clock = setTimeout(() => stop.abort(), 10000);
  try {
    await fetch('/healthz', { signal: stop.signal, cache: 'no-store', credentials: 'omit' });
    return true;
  } catch {
    return false;
  } finally {
    clearTimeout(clock);
  }
}

function signedIn(body, keeps) {
  login = { access: body.access_token, refresh: body.refresh_token, account: body.account.id, name: body.account.name, keeps };
  keep(sessionStorage, 'login', login);
}

function forget() {
  owner = null;
  sheet = null;
  drafts = {};
  outbox = [];
  told = {};
}

function signedOut() {
  login = null;
  forget();
  keep(sessionStorage, 'login', null);
}

// Whoever a request began for has signed out since.
class Gone extends Error {}

// A refresh token works once, so all requests whose token has ended wait for the same renewal. It has the server's answer
// where there is no login to go on with.
let renewal = null;
async function renew() {
  const before = login;
  const answer = await ask('POST', '/logins/refresh', { refresh_token: before.refresh });
  if (login !== before) return null;
  if (answer.status === 200) {
    signedIn(answer.body, before.keeps);
    return null;
  }
  if (answer.status < 500 && answer.status !== 429) signedOut();
  return answer;
}

// Asks as whoever is signed in, and goes on with the login when its token has ended; never as somebody else.
async function asked(method, path, body) {
  const { account, access } = login ?? {};
  const stillIn = () => { if (!account || login?.account !== account) throw new Gone(); };
  stillIn();
  let answer = await ask(method, path, body, access);
  stillIn();
  if (answer.status !== 401) return answer;
  if (login.access === access) {
    renewal ??= renew().finally(() => { renewal = null; });
    const refused = await renewal;
    if (refused) return refused;
    stillIn();
  }
  answer = await ask(method, path, body, login.access);
  stillIn();
  return answer;
}

// What the server says, in its own words.
function sentence(answer) {
  const problem = answer.body || {};
  const fields = (problem.errors || []).map((field) => field.detail).filter(Boolean);
  return [problem.title || words().failed, ...fields].join(' ');
}

async function load() {
  try {
    const answer = await asked('GET', `/sessions/${SESSION}/sheet`);
    if (answer.status === 200) sheet = answer.body;
    else message = { kind: 'bad', text: sentence(answer) };
    // What is no longer theirs to see is not shown from memory.
    if (answer.status === 403 || answer.status === 404) sheet = null;
    if ([200, 403, 404].includes(answer.status)) keepSheet();
    return answer.status === 200;
  } catch (error) {
    if (error instanceof NoNetwork) message = { kind: 'warn', text: sheet ? words().offline : words().failed };
    else if (!(error instanceof Gone)) throw error;
    return false;
  }
}

async function begin() {
  if (!login) return beginWithoutLogin();
  owner = login.account;
  restore();
  sheet = sheet || keptSheet();
  show();
  await load();
  show();
  await send();
  await keepRegisters();
}

// Phones say that they are connected where nothing answers, so the server is asked. Whoever has begun to sign in goes on.
async function beginWithoutLogin() {
  show();
  if (await reachable() || login || owner || document.querySelector('[name=password]')?.value) return;
  goOn();
}

// Marks for whose registers are on this phone: what is saved waits until they sign in.
function goOn() {
  owner = keptRegisters()?.account ?? null;
  sheet = keptSheet();
  if (sheet) {
    restore();
    message = null;
  } else {
    owner = null;
    message = { kind: 'warn', text: words().notHere };
  }
  show();
}

// The registers on this phone: of one account, and no older than what they look ahead.
let registers;
function keptRegisters() {
  if (registers === undefined) registers = kept(localStorage, 'registers', null);
  if (registers && Math.abs(Date.now() - registers.at) > KEPT_FOR) forgetRegisters();
  return registers;
}

function forgetRegisters() {
  registers = null;
  keep(localStorage, 'registers', null);
}

// Kept if there is room; marks come first.
function keepAll(all) {
  try {
    localStorage.setItem('vokasi.registers', JSON.stringify(all));
    registers = all;
  } catch { forgetRegisters(); }
}

// The register of this session as it was last seen, or as it is before anybody was marked.
function keptSheet() {
  const all = keptRegisters();
  if (!all || all.account !== owner) return null;
  if (all.sheets[SESSION]) return all.sheets[SESSION];
  const one = all.sessions.find((bundled) => bundled.session.id === SESSION);
  if (!one) return null;
  const day = one.session.held_on;
  // Also on the day of leaving, whoever came before it.
  const wasThere = (days) => days.seated_on && days.seated_on <= day
    && (!days.left_on || days.left_on > day || days.left_on === day && days.seated_on < day);
  const members = all.people.filter((person) => person.class === one.session.class
    && [person, ...person.earlier ?? []].some(wasThere));
  const marked = (person) => one.marks.find((mark) => mark.enrollment === person.enrollment) || {};
  return {
    session: one.session, register_at: one.register_at, class_name: all.classes[one.session.class] || '',
    lines: members.map((person) => ({ ...marked(person), enrollment: person.enrollment, name: person.name, recent: [], rate: {} })),
  };
}

function keepSheet() {
  const all = keptRegisters();
  if (!all || all.account !== login.account) return;
  delete all.sheets[SESSION];
  if (sheet) all.sheets[SESSION] = sheet;
  else all.sessions = all.sessions.filter((bundled) => bundled.session.id !== SESSION);
  keepAll(all);
}

// Fetches the bundle of docs/offline.md and keeps what is still to be marked: sessions from today on, and older ones
// without a register.
async function keepRegisters() {
  if (!login) return;
  const account = login.account;
  const before = keptRegisters();
  if (before && (before.account !== account || !login.keeps)) forgetRegisters();
  else if (before && Math.abs(Date.now() - before.at) < KEPT_FRESH) return;
  if (!login.keeps) return;
  const all = { account, name: login.name, at: Date.now(), until: null, classes: {}, people: [], sessions: [], sheets: {} };
  try {
    let cursor = null;
    do {
      const answer = await asked('GET', '/registers/bundle' + (cursor ? '?since=' + encodeURIComponent(cursor) : ''));
      if (answer.status !== 200) return login ? undefined : show();
      const part = answer.body;
      const today = new Date((Date.parse(part.from) + Date.parse(part.until)) / 2).toISOString().slice(0, 10);
      for (const one of part.classes) all.classes[one.id] = one.name;
      all.people.push(...part.people);
      all.sessions.push(...part.sessions.filter((one) => one.session.held_on >= today || one.register_at === null));
      all.until = part.until;
      cursor = part.more ? part.cursor : null;
    } while (cursor);
  } catch (error) {
    if (!(error instanceof NoNetwork || error instanceof Gone)) throw error;
    return;
  }
  // Somebody may have signed out meanwhile.
  if (!login || login.account !== account) return;
  const classes = new Set(all.sessions.map((one) => one.session.class));
  all.people = all.people.filter((person) => classes.has(person.class));
  if (sheet) all.sheets[SESSION] = sheet;
  keepAll(all);
  navigator.storage?.persist?.();
  show();
}

const unsent = (line) => outbox.filter((entry) => entry.enrollment === line.enrollment).pop();

// What stands for a person on this phone: tapped, on its way, or in the register.
const standing = (line) => drafts[line.enrollment] || unsent(line) || (line.mark ? line : null);

// What somebody who marks this person has seen: the register that is drawn, or, where a mark of this phone stands in
// front of it, what they had seen when they made that one.
function seen(line) {
  const own = drafts[line.enrollment] || unsent(line);
  return own ? own.seen : drawn;
}

function tap(line, mark) {
  const draft = drafts[line.enrollment];
  const before = standing(line);
  const stays = before && before.mark === mark;
  const clashes = line.clash || told[line.enrollment]?.result === 'clash';
  if (draft && draft.mark === mark) {
    delete drafts[line.enrollment];
  } else if (stays && !draft && !clashes) {
    return;
  } else {
    drafts[line.enrollment] = {
      mark,
      minutes_late: mark === 'T' && before ? before.minutes_late ?? null : null,
      note: (stays ? before.note : draft && draft.note) ?? null,
      seen: seen(line),
    };
  }
  delete told[line.enrollment];
  persist();
  show();
}

function say(line, name, value) {
  const before = standing(line);
  if (!before) return;
  drafts[line.enrollment] = {
    mark: before.mark, minutes_late: before.minutes_late ?? null, note: before.note ?? null,
    ...drafts[line.enrollment], [name]: value, seen: seen(line),
  };
  delete told[line.enrollment];
  persist();
  count();
}

function presentForTheRest() {
  for (const line of sheet.lines) {
    if (!standing(line)) drafts[line.enrollment] = { mark: 'H', minutes_late: null, note: null, seen: seen(line) };
  }
  persist();
  show();
}

function save() {
  for (const [enrollment, draft] of Object.entries(drafts)) {
    const entry = {
      id: uuid(), session: SESSION, enrollment, mark: draft.mark, place: nextPlace(), seen: draft.seen,
      made_at: new Date().toISOString().replace(/\.\d+/, ''),
    };
    if (draft.mark === 'T' && draft.minutes_late) entry.minutes_late = draft.minutes_late;
    if (draft.note) entry.note = draft.note;
    outbox.push(entry);
  }
  drafts = {};
  persist();
  wait = 0;
  send();
}

// Later, after 1, 2, 4 … seconds up to five minutes, or at once when the network is back.
function later(seconds) {
  wait = Math.min(Math.max(wait * 2, 1, seconds || 0), LONGEST_WAIT);
  clearTimeout(timer);
  timer = setTimeout(send, wait * 1000);
}

async function send() {
  clearTimeout(timer);
  const batch = login ? toSend().slice(0, 500) : [];
  if (sending || !batch.length) return show();
  sending = true;
  message = null;
  show();
  let goesOn = false;
  try {
    const answer = await asked('POST', '/attendance-batches', { device: device(), marks: batch });
    if (answer.status === 200) {
      wait = 0;
      goesOn = true;
      await settle(batch, answer.body.results);
    } else if (answer.status === 429 || answer.status >= 500) {
      message = { kind: 'warn', text: words().busy };
      later(answer.retry);
    } else {
      message = { kind: 'bad', text: sentence(answer) };
    }
  } catch (error) {
    if (error instanceof NoNetwork) {
      message = { kind: 'warn', text: words().offline };
      later();
    } else if (error instanceof Gone) goesOn = true;
    else throw error;
  } finally {
    sending = false;
  }
  show();
  // What was saved meanwhile, what did not fit into one batch, and what whoever has signed in since has. Where nothing was
  // taken, it would not be a second time either.
  if (goesOn && login && toSend().some((entry) => !batch.some((sent) => sent.id === entry.id))) send();
}

async function settle(batch, results) {
  const counts = { stored: 0, same: 0, clash: 0, refused: 0, early: 0 };
  const all = {};
  const done = new Set();
  for (const [at, result] of results.entries()) {
    const entry = batch[at];
    const became = result.code === 'session.future' ? 'early' : result.result;
    counts[became === 'superseded' ? 'same' : became] += 1;
    (all[entry.session] ??= {})[entry.enrollment] = { result: became, text: result.detail, mine: entry.mark };
    // What may be taken on its day stays; everything else has its result.
    if (became === 'early') early.add(entry.id);
    else done.add(entry.id);
  }
  Object.assign(told, all[SESSION]);
  for (const [session, results] of Object.entries(all)) keepTold(session, results);
  outbox = outbox.filter((entry) => !done.has(entry.id));
  persist();
  for (const session of Object.keys(all)) if (session !== SESSION) forgetSent(session, done);
  const text = fill(words().sent, counts) + (counts.early ? ' ' + fill(words().sentEarly, counts) : '');
  message = { kind: counts.refused || counts.clash || counts.early ? 'warn' : 'good', text };
  // The register is read again: what it says now, and what it says instead of a mark that clashed.
  const summary = message;
  message = null;
  await load();
  message = message || summary;
  const mine = batch.filter((entry) => entry.session === SESSION);
  toLookAt = mine.find((entry) => ['clash', 'refused'].includes(told[entry.enrollment]?.result))?.enrollment ?? null;
}

// What a person has to look at is kept until that session is on the screen.
function keepTold(session, results) {
  const name = `told.${owner}.${session}`;
  const tell = { ...kept(localStorage, name, {}) };
  for (const [enrollment, result] of Object.entries(results)) {
    if (['clash', 'refused'].includes(result.result)) tell[enrollment] = result;
    else delete tell[enrollment];
  }
  keep(localStorage, name, Object.keys(tell).length ? tell : null);
}

// It is on the screen.
function forgetTold() {
  if (!sheet || document.hidden || !kept(localStorage, place('told'), null)) return;
  keep(localStorage, place('told'), null);
  forgetWhen(place('when'));
}

// Takes what has its result out of another session's outbox.
function forgetSent(session, done) {
  const name = (what) => `${what}.${owner}.${session}`;
  const left = kept(localStorage, name('outbox'), []).filter((entry) => !done.has(entry.id));
  keep(localStorage, name('outbox'), left.length ? left : null);
  forgetWhen(name('when'));
}

async function signIn(form) {
  const data = new FormData(form);
  const body = { email: data.get('email').trim(), password: data.get('password') };
  const keeps = data.get('keeps') !== null;
  if (needsCode) body.code = data.get('code').replace(/\s/g, '');
  message = { kind: '', text: words().loading };
  count();
  try {
    const answer = await ask('POST', '/logins', body);
    if (answer.status === 200) {
      message = null;
      needsCode = false;
      signedIn(answer.body, keeps);
      return begin();
    }
    needsCode = needsCode || answer.body && answer.body.code === 'access.second_factor_needed';
    message = needsCode && !body.code ? { kind: 'warn', text: words().codeNeeded } : { kind: 'bad', text: sentence(answer) };
  } catch (error) {
    if (!(error instanceof NoNetwork)) throw error;
    message = { kind: 'warn', text: words().failed };
  }
  show({ ...body, keeps });
  const field = document.querySelector(needsCode ? '[name=code]' : '[name=password]');
  if (field) field.focus();
}

// Names go at once; marks that wait stay, without any.
async function signOut() {
  const ended = login;
  signedOut();
  forgetRegisters();
  message = null;
  show();
  if (!ended) return;
  const end = (token) => ask('DELETE', '/logins/current', null, token);
  try {
    if ((await end(ended.access)).status !== 401) return;
    // A token whose time is over ends no login.
    const last = await ask('POST', '/logins/refresh', { refresh_token: ended.refresh });
    if (last.status === 200) await end(last.body.access_token);
  } catch { /* It ends by itself. */ }
}

// Drawing. Everything that comes from the server is text.
function element(name, attributes, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) {
    if (key.startsWith('on')) made.addEventListener(key.slice(2), value);
    else if (value === true) made.setAttribute(key, '');
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(key, value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

// A finger that is on a button lifts from the same one: what is drawn meanwhile is drawn after that.
let touched = false;
let owed = false;

function show(typed) {
  if (touched) {
    owed = true;
    return;
  }
  const said = words();
  document.documentElement.lang = language;
  document.title = said.title + ' · Vokasi';
  const change = document.getElementById('language');
  change.textContent = said.other;
  change.lang = language === 'id' ? 'en' : 'id';
  const out = document.getElementById('out');
  out.textContent = said.out;
  out.hidden = !login && !keptRegisters();
  const main = document.querySelector('main');
  const form = document.querySelector('form');
  if (!typed && form) typed = { ...Object.fromEntries(new FormData(form)), keeps: form.elements.keeps.checked };
  const top = window.scrollY;
  const focus = document.activeElement && document.activeElement.id;
  main.replaceChildren(...(owner ? register(said) : door(said, typed || {})));
  drawn = sheet && sheet.register_at;
  forgetTold();
  window.scrollTo(0, top);
  if (focus) document.getElementById(focus)?.focus();
  if (toLookAt) document.getElementById(`${toLookAt}-name`)?.scrollIntoView({ block: 'start' });
  toLookAt = null;
}

const spoken = () => [
  message && element('p', { class: 'message ' + message.kind, role: message.kind === 'bad' ? 'alert' : 'status' }, message.text),
  storageFails && element('p', { class: 'message bad', role: 'alert' }, words().full),
];

function door(said, typed) {
  const field = (name, label, attributes) => [
    element('label', { for: name }, label),
    element('input', { id: name, name, required: true, value: typed[name], ...attributes }),
  ];
  const waiting = everything('outbox').reduce((sum, [, , entries]) => sum + (entries?.length ?? 0), 0);
  return [
    element('h1', {}, said.title),
    waiting ? element('p', { class: 'message warn' }, `${waiting} ${said.waitsForYou}`) : null,
    ...spoken(),
    element('form', { class: 'card', onsubmit: (event) => { event.preventDefault(); signIn(event.target); } },
      ...field('email', said.email, { type: 'email', autocomplete: 'username', inputmode: 'email' }),
      ...field('password', said.password, { type: 'password', autocomplete: 'current-password' }),
      ...(needsCode ? field('code', said.code, { autocomplete: 'one-time-code', inputmode: 'numeric', maxlength: 40 }) : []),
      element('label', { class: 'choice' }, element('input', { type: 'checkbox', name: 'keeps', checked: typed.keeps !== false }), said.keepHere),
      element('button', { class: 'wide first' }, said.signIn),
      keptRegisters() && element('button', { class: 'wide', type: 'button', onclick: goOn }, said.goOn)),
  ].filter(Boolean);
}

function register(said) {
  if (!sheet) {
    return [
      element('h1', {}, said.title),
      ...spoken(),
      message ? element('button', { class: 'wide', onclick: () => { message = null; begin(); } }, said.again)
        : element('p', { class: 'soft', role: 'status' }, said.loading),
      outbox.length ? element('p', { class: 'message warn' }, `${outbox.length}: ${said.waiting}`) : null,
      ...keptElsewhere(said),
    ].filter(Boolean);
  }
  const session = sheet.session;
  const day = dayOf(session.held_on, { weekday: 'long' });
  return [
    element('h1', {}, sheet.class_name),
    element('p', { class: 'soft' }, `${day}, ${clock(session.starts_at)}–${clock(session.ends_at)} · ${session.lesson_hours} ${said.hours} · `
      + [session.module, session.room].filter(Boolean).join(' · ')),
    isCancelled() ? element('p', { class: 'message bad' }, said.cancelled) : null,
    ...keptElsewhere(said),
    isCancelled() ? null : element('p', { class: 'soft' }, said.nothing),
    isCancelled() ? null : sheet.lines.length ? element('button', { class: 'wide', id: 'rest', type: 'button', onclick: presentForTheRest,
      disabled: sheet.lines.every(standing) }, said.rest) : element('p', { class: 'message' }, said.nobody),
    element('ol', { class: 'people' }, ...sheet.lines.map((line, at) => person(said, line, at + 1))),
    keptNote(said),
    element('div', { class: 'bar' }, element('div', { id: 'said' }, ...spoken().filter(Boolean)),
      login ? null : notIn(said),
      element('div', { id: 'count', class: 'soft' }, counted(said)),
      element('button', { class: 'wide first', id: 'save', type: 'button', onclick: save, disabled: sending || !toSave(), hidden: toEnter() || isCancelled() },
        sending ? said.saving : saveLabel(said)),
      element('button', { class: 'wide first', id: 'enter', type: 'button', onclick: enter, hidden: !toEnter() }, said.enter)),
  ].filter(Boolean);
}

const clock = (text) => language === 'id' ? text.slice(0, 5).replace(':', '.') : text.slice(0, 5);

// What this phone keeps of the owner's other sessions, each with its way there.
function keptElsewhere(said) {
  return Object.entries(said.elsewhere).flatMap(([what, text]) => elsewhere(what).map(([account, session, value]) => {
    const at = kept(localStorage, `when.${account}.${session}`, null);
    const day = at?.held_on ?? Object.values(value)[0].made_at?.slice(0, 10);
    const when = [day && dayOf(day, {}), at && clock(at.starts_at)].filter(Boolean).join(', ');
    const link = element('a', { href: '/mark/' + session }, fill(text, { count: Object.keys(value).length, when }));
    return element('p', { class: 'message ' + (what === 'told' ? 'bad' : 'warn') }, link);
  }));
}

// What this phone can do without a network, for whoever is about to go where there is none.
function keptNote(said) {
  const all = login && keptRegisters();
  return all && all.until && element('p', { class: 'soft' }, fill(said.keptHere, { count: all.sessions.length, day: dayOf(all.until, {}) }));
}

const notIn = (said) => element('p', { class: 'message warn', role: 'status' }, fill(said.notIn, { name: keptRegisters()?.name ?? '' }));

const dayOf = (day, more) => new Date(day + 'T00:00:00Z').toLocaleDateString(language === 'id' ? 'id-ID' : 'en-GB',
  { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC', ...more });

// Minutes of the session.
const longest = () => {
  const minute = (text) => Number(text.slice(0, 2)) * 60 + Number(text.slice(3, 5));
  return minute(sheet.session.ends_at) - minute(sheet.session.starts_at);
};
const isCancelled = () => sheet.session.state === 'cancelled';
const toSave = () => Object.keys(drafts).length;
// Everything is saved and waits for whoever made it to sign in.
const toEnter = () => !login && !toSave() && toSend().length > 0;
const enter = () => {
  owner = null;
  sheet = null;
  show();
};
const saveLabel = (said) => toSave() ? `${said.save} (${toSave()})` : said.save;
const counted = (said) => {
  const marked = sheet.lines.filter(standing).length;
  const waiting = outbox.length ? ` · ${outbox.length}: ${said.waiting}` : '';
  return `${marked} ${said.of} ${sheet.lines.length} ${said.marked}${waiting}`;
};

// What changes while somebody types, without drawing the field anew.
function count() {
  const button = document.getElementById('save');
  if (!button || !sheet) return;
  button.disabled = sending || !toSave();
  button.hidden = toEnter() || isCancelled();
  document.getElementById('enter').hidden = !toEnter();
  button.textContent = saveLabel(words());
  document.getElementById('count').textContent = counted(words());
}

function person(said, line, number) {
  const now = standing(line);
  const key = line.enrollment;
  const recent = line.recent.length ? ` · ${said.before} ${line.recent.map((mark) => mark || '–').join(' ')}` : '';
  const rate = line.rate.percent === null || line.rate.percent === undefined ? '' : `${said.attendance} ${Math.round(Number(line.rate.percent))} %`;
  const button = (mark) => element('button', {
    type: 'button', id: `${key}-${mark}`, 'aria-pressed': String(Boolean(now && now.mark === mark)), onclick: () => tap(line, mark),
    // What was tapped before can still be taken back.
    disabled: isCancelled() && drafts[key]?.mark !== mark,
  }, element('b', {}, mark), element('span', {}, said[mark]));
  const field = (name, label, value, attributes) => [
    element('label', { for: `${key}-${name}` }, label),
    element('input', { id: `${key}-${name}`, value: value ?? '', ...attributes }),
  ];
  const noted = now && (now.note || opened.has(key));
  const adds = now && !noted && !isCancelled();
  return element('li', { class: 'person' },
    element('div', { class: 'who' }, element('h2', { id: `${key}-name` }, `${number}. ${line.name}`), element('span', {}, rate)),
    recent && element('p', { class: 'soft' }, recent.slice(3)),
    element('div', { class: 'marks', role: 'group', 'aria-labelledby': `${key}-name` }, ...MARKS.map(button)),
    now && now.mark === 'T' && element('div', { class: 'more' }, ...field('minutes', said.minutes, now.minutes_late, {
      type: 'number', inputmode: 'numeric', min: 1, max: longest(), placeholder: `1–${longest()}`,
      // What the session does not have is not kept, and does not stay where it was typed.
      oninput: ({ target }) => say(line, 'minutes_late', target.validity.valid && Number(target.value) || null),
      onchange: ({ target }) => { if (!target.validity.valid) target.value = ''; },
    })),
    noted && element('div', { class: 'more' }, ...field('note', said.note, now.note, {
      maxlength: 200, autocomplete: 'off', oninput: (event) => say(line, 'note', event.target.value.trim() || null),
    })),
    element('div', { class: 'foot' }, state(said, line), adds && element('button', { class: 'link', type: 'button', id: `${key}-add`, onclick: () => {
      opened.add(key);
      show();
      document.getElementById(`${key}-note`).focus();
    } }, said.addNote)));
}

// Whose note is being written.
const opened = new Set();

function state(said, line) {
  const key = line.enrollment;
  const tell = (kind, text) => element('p', { class: 'state ' + kind }, text);
  const result = told[key];
  if (drafts[key]) return tell('warn', '● ' + said.draft);
  if (result && result.result === 'refused') return tell('bad', '✕ ' + result.text);
  if (result && result.result === 'early') return tell('warn', '● ' + fill(said.early, { day: dayOf(sheet.session.held_on, {}) }));
  if (outbox.some((entry) => entry.enrollment === key)) return tell('warn', '● ' + said.waiting);
  if (result && result.result === 'clash') {
    const there = line.mark ? `${line.mark} ${said[line.mark]}` : said.unmarked;
    return tell('bad', '✕ ' + fill(said.clash, { there, mine: `${result.mine} ${said[result.mine]}` }));
  }
  if (line.clash) return tell('bad', '✕ ' + said.openClash);
  return result ? tell('good', '✓ ' + said[result.result]) : null;
}

document.getElementById('language').addEventListener('click', () => {
  language = language === 'id' ? 'en' : 'id';
  keep(localStorage, 'language', language);
  message = null;
  show();
});
document.getElementById('out').addEventListener('click', signOut);
window.addEventListener('online', () => {
  wait = 0;
  // What was sent meanwhile stays said.
  if (message?.text === words().offline) message = null;
  if (login && !sheet) begin(); else send();
});
for (const name of ['pointerdown', 'pointerup', 'pointercancel']) {
  window.addEventListener(name, () => {
    touched = name === 'pointerdown';
    if (touched || !owed) return;
    owed = false;
    setTimeout(() => show());
  });
}
// Another tab on the same session shares what waits, and another tab that is signed out ends what is shown without a login.
window.addEventListener('storage', (event) => {
  if (event.key === 'vokasi.registers') {
    registers = undefined;
    if (!login && owner && !keptRegisters()) { signedOut(); show(); }
  }
  if (!owner || !event.key?.includes(`.${owner}.`)) return;
  if (event.key.endsWith('.' + SESSION)) restore();
  show();
});
document.addEventListener('visibilitychange', forgetTold);
// A page that the way back brings up again has slept: login, registers and marks may all be of another time.
window.addEventListener('pageshow', (event) => {
  if (!event.persisted || storageFails) return;
  const now = kept(sessionStorage, 'login', null);
  registers = undefined;
  const whose = now ? now.account : keptRegisters()?.account;
  if (whose !== owner) forget();
  login = now;
  message = null;
  if (owner) restore();
  begin();
});
window.addEventListener('offline', () => {
  if (!login) return;
  message = { kind: 'warn', text: words().offline };
  show();
});
// The page opens without a network from now on. A new build takes over once this page, which is whole, says so.
navigator.serviceWorker?.register('/mark/worker.js').then((kept) => {
  const hand = (worker) => { if (kept.active && worker?.state === 'installed') worker.postMessage('now'); };
  hand(kept.waiting);
  kept.addEventListener('updatefound', () => {
    const next = kept.installing;
    next?.addEventListener('statechange', () => hand(next));
  });
}).catch(() => { /* Then it opens where there is a network. */ });
begin();
