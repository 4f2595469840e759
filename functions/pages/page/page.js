const el = Object.fromEntries([...document.querySelectorAll('[id]')].map(each => [each.id, each]));
const words = JSON.parse(el.words.textContent);
const language = document.documentElement.lang;
const { title } = document;
const base = location.pathname.replace(/help\/?$/, '');
const place = `helpdesk ${base}`;
const here = location.pathname + location.search;
const key = el.key.content;
const framed = parent !== window;
const SOON = 1000, FIRST = 5000, LONGEST = 30000, HOLDS = 3;

let talk, ticket, seen, customer, site, looking, timer, sending;
let open = true, drawn = 0, unread = 0, pause = FIRST, holds = 0;
let waiting = [], offered = [], chosen = [];

const random = () => [...crypto.getRandomValues(new Uint32Array(4))].join('-');
const moment = at => new Date(at).toLocaleString(language, { dateStyle: 'medium', timeStyle: 'short' });
const who = () => customer?.reference || customer?.email || '';
const make = (name, text, more) => Object.assign(document.createElement(name), { textContent: text }, more);
const button = (text, onclick) => make('button', text, { onclick });
const say = text => { if (el.status.textContent !== text) el.status.textContent = text; };
const offline = text => navigator.onLine ? text : words.offline;
const why = error => offline(`${words.failed} ${error.status ? error.message : ''}`);

// The page around the frame says first who it is; nothing is told to anyone else.
const tell = (kind, value) => site && parent.postMessage({ helpdesk: kind, value }, site);

onmessage = ({ source, origin, data }) => {
  if (!framed || source !== parent || site && origin !== site) return;
  const { helpdesk, value } = Object(data);
  if (helpdesk === 'hello' && !site) {
    site = origin;
    el.hide.hidden = false;
    start(data.kept, data.identity);
  }
  if (helpdesk === 'open') {
    open = value;
    if (open) {
      el.text.focus();
      back();
    }
  }
  if (helpdesk === 'forget') forget();
};

// The token is kept for this tab. Where a frame may keep nothing, the page around it does.
function keep() {
  const value = talk && JSON.stringify(talk);
  try {
    value ? sessionStorage.setItem(place, value) : sessionStorage.removeItem(place);
    value || tell('keep', null);
  } catch {
    tell('keep', value);
  }
}

const kept = () => { try { return sessionStorage.getItem(place); } catch {} };

function read(value) {
  try {
    const found = JSON.parse(value);
    return /^[0-9a-z]{16}$/.test(found.id) && /^[\w-]+$/.test(found.token) && found;
  } catch {}
}

function linked() {
  const [id, token] = location.hash.slice(1).split('.');
  if (id) history.replaceState(null, '', here);
  return read(JSON.stringify({ id, token }));
}

async function call(path, { body, once, tag, signal } = {}) {
  const headers = { 'x-api-key': key, 'content-type': 'application/json' };
  if (talk) headers.authorization = `Bearer ${talk.token}`;
  if (once) headers['idempotency-key'] = once;
  if (tag) headers['if-none-match'] = tag;
  const answer = await fetch(base + path, { method: once ? 'POST' : 'GET', headers, signal, body: body && JSON.stringify(body) });
  const content = answer.status === 304 ? null : await answer.json().catch(() => ({}));
  const wait = answer.headers.get('retry-after') * 1000;
  if (answer.ok || !content) return { content, tag: answer.headers.get('etag'), wait };
  throw Object.assign(Error(content.detail), { status: answer.status, wait, errors: content.errors });
}

const on = (path = '') => `queries/${talk.id}${path}`;

// The first looks are held until there is news, unless the desk holds them for a shorter time. While
// a person is awaited, they are plain; while an agent has the ticket, the desk asks for one a second.
async function look() {
  clearTimeout(timer);
  looking?.abort();
  if (!talk || document.hidden) return;
  const mine = looking = new AbortController();
  const fresh = () => !ticket || ticket.status === 'received';
  const held = holds > 0 && fresh();
  let after = 0;
  if (held) holds -= 1;
  try {
    const got = await call(on(held ? '?wait=20' : ''), { tag: seen, signal: mine.signal });
    if (mine !== looking) return;
    if (got.content) draw(got);
    state();
    if (held && got.wait > SOON) holds = 0;
    if (!holds || !fresh()) after = fresh() || got.wait > SOON ? next() : SOON;
  } catch (error) {
    if (mine !== looking || mine.signal.aborted) return;
    if ([401, 404].includes(error.status)) {
      forget();
      return say(words.gone);
    }
    after = Math.max(error.wait | 0, next());
    say(offline(words.unreached));
  }
  if (fresh() || ticket.status === 'escalated') timer = setTimeout(look, open ? after : LONGEST);
}

function next() {
  const now = pause;
  pause = Math.min(pause * 1.5, LONGEST);
  return now;
}

// A page that is hidden does not look; one that is shown again does, also behind the button.
function back() {
  if (!document.hidden && open) {
    unread = 0;
    noted();
    pause = FIRST;
  }
  if (ticket?.status !== 'closed') look();
}

function noted() {
  document.title = (unread ? `(${unread}) ` : '') + title;
  tell('unread', unread);
}

function state() {
  const due = ticket.status === 'escalated' && new Date(ticket.due_at) > new Date();
  say(due ? words.due.replace('{}', moment(ticket.due_at)) : words[ticket.status]);
}

// Messages are only added, so that each is read out once.
function draw({ content, tag }) {
  ticket = content;
  seen = tag;
  pause = FIRST;
  ticket.messages.slice(drawn).forEach(add);
  drawn = ticket.messages.length;
  const asked = ticket.status === 'asked' ? offered : [];
  el.choices.replaceChildren(...asked.map((text, n) => button(text, () => submit(`${n + 1}`, text))));
  el.choices.hidden = !asked.length;
  el.rate.hidden = ticket.status !== 'answered' || ticket.helpful !== null;
  el.close.hidden = ticket.status === 'closed';
}

function add({ source, text, at }) {
  const mine = source === 'customer';
  const sent = waiting.findIndex(each => mine && each.text === text);
  const item = sent < 0 ? bubble(source, mine && offered[text - 1] || text) : waiting.splice(sent, 1)[0].item;
  item.lastChild.textContent = moment(at);
  if (mine) return;
  offered = [...text.matchAll(/^\d+\. (.+)$/gm)].map(found => found[1]);
  el.log.scrollTop = item.offsetTop;
  if (document.hidden || !open) { unread += 1; noted(); }
}

function bubble(source, text) {
  const item = make('article', '', { className: source, dir: 'auto' });
  const parts = source === 'customer' ? [text] : text.split(/(https:\/\/[^\s<>"]*[^\s<>".,;:!?)])/);
  const shown = parts.map((part, n) => n % 2 ? make('a', part, { href: part, target: '_blank', rel: 'noreferrer' }) : part);
  item.append(make('header', words[source]), ...shown, make('footer'));
  el.log.append(item);
  arrange();
  el.log.scrollTop = el.log.scrollHeight;
  return item;
}

function arrange() {
  const talking = !!(el.log.firstChild || talk);
  document.body.className = talking ? 'full' : '';
  el.intro.hidden = talking;
  el.more.hidden = !talk;
  el.who.hidden = talking || !!customer;
}

// One key for each message: the desk takes it once, however often it is sent.
function submit(text, shown = text) {
  if (!sending) deliver({ text, once: random(), item: bubble('customer', shown) });
}

function lock(yes) {
  sending = yes;
  for (const each of [el.send, ...el.choices.children]) each.disabled = yes;
}

async function deliver(one) {
  lock(true);
  one.item.className = 'customer';
  one.item.lastChild.textContent = words.sending;
  try {
    if (talk) await call(on('/messages'), { body: { text: one.text }, once: one.once });
    else await ask(one);
    one.item.lastChild.textContent = words.sent;
    waiting.push(one);
    if (ticket) ticket.status = 'received';
    holds = HOLDS;
    pause = FIRST;
    look();
  } catch (error) {
    unsent(one, error);
  }
  lock(false);
}

async function ask(one) {
  const files = chosen;
  one.body ||= { text: one.text, files: files.map(described), customer: customer || (el.mail.value ? { email: el.mail.value } : {}) };
  const { content } = await call('queries', one);
  talk = { id: content.id, token: content.token, who: who() };
  keep();
  arrange();
  chosen = [];
  content.files?.forEach((each, n) => upload(files[n], each));
}

function unsent(one, error) {
  const again = button(words.again, () => sending || deliver(one));
  one.item.className = 'customer failed';
  one.item.lastChild.replaceChildren(why(error), again);
  if (error.status < 500) {
    // It was refused, so nothing is stored, and the next try may say something else.
    one.once = random();
    one.body = null;
    el.who.hidden = !!talk;
  }
  say(words.failed);
  const about = name => error.errors?.some(({ field }) => field.startsWith(name));
  if (about('files')) {
    for (const each of chosen) told(each, words.failed);
    chosen = [];
  }
  if (about('customer.identity')) {
    customer = null;
    say(words.unsigned);
  }
}

// A button is locked until the desk has answered.
async function move({ target }, path, body, done) {
  target.disabled = true;
  target.once ||= random();
  try {
    await call(on(path), { body, once: target.once });
    target.once = '';
    await look();
    if (done) say(done);
  } catch (error) {
    say(why(error));
  }
  target.disabled = false;
  el.text.focus();
}

// Files go to the bucket by a form that is signed for each. The desk then tells of them.
const described = ({ file: { name, type, size } }) => ({ name, media_type: type || 'text/plain', size });

async function attach(file) {
  const one = { file, item: make('li') };
  el.files.append(one.item);
  el.files.hidden = false;
  told(one, talk ? words.sending : words.with);
  if (!talk) return chosen.push(one);
  try {
    const { content } = await call(on('/attachments'), { body: described(one), once: random() });
    await upload(one, content);
  } catch (error) {
    told(one, why(error));
  }
}

const told = ({ file, item }, text) => { item.textContent = `${file.name}: ${text}`; };

async function upload(one, { attachment, upload: form }) {
  told(one, words.sending);
  try {
    const body = new FormData();
    for (const each of Object.entries(form?.fields || {})) body.append(...each);
    body.append('file', one.file);
    if (form) await fetch(form.url, { method: 'POST', body, mode: 'no-cors' });
    for (const seconds of [1, 2, 4, 8, 15]) {
      await new Promise(done => setTimeout(done, seconds * 1000));
      const { content } = await call(on('/attachments'));
      const { state: now, reason } = content.attachments.find(({ number }) => number === attachment.number);
      told(one, `${words[now]} ${now === 'refused' ? reason : ''}`);
      if (now !== 'being_checked' && (now !== 'expected' || seconds > 2)) return;
    }
  } catch (error) {
    told(one, why(error));
  }
}

function forget() {
  looking?.abort();
  clearTimeout(timer);
  talk = ticket = seen = null;
  drawn = unread = 0;
  waiting = [];
  chosen = [];
  for (const each of [el.log, el.choices, el.files]) each.replaceChildren();
  for (const each of [el.choices, el.rate, el.files, el.shown]) each.hidden = true;
  el.more.open = false;
  keep();
  noted();
  arrange();
}

async function copy() {
  el.link.value = `${location.origin}${here}#${talk.id}.${talk.token}`;
  try {
    await navigator.clipboard.writeText(el.link.value);
    say(words.copied);
  } catch {
    el.shown.hidden = false;
    el.link.select();
  }
}

function take(found) {
  if (found) { talk = found; holds = HOLDS; }
  keep();
  arrange();
  look();
}

function start(given, identity) {
  try { customer = JSON.parse(identity || null); } catch { customer = { identity }; }
  if (given === 'out') forget();
  const found = linked() || read(kept()) || read(given);
  take(found?.who && found.who !== who() ? null : found);
}

el.form.onsubmit = event => {
  event.preventDefault();
  const text = el.text.value.trim();
  el.text.focus();
  if (sending || !text) return;
  el.text.value = '';
  submit(text);
};
el.text.onkeydown = event => {
  if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  if (!event.repeat) el.form.requestSubmit();
};
el.text.oninput = () => {
  el.text.oninput = null;
  document.head.append(make('script', '', { src: `${base}help/nearest.js`, integrity: '{{nearest}}' }));
};
el.file.onchange = () => {
  [...el.file.files].forEach(attach);
  el.file.value = '';
};
el.yes.onclick = event => move(event, '/feedback', { helpful: true }, words.thanks);
el.no.onclick = event => move(event, '/feedback', { helpful: false });
el.close.onclick = event => move(event, '/close');
el.copy.onclick = copy;
el.forget.onclick = () => {
  forget();
  say(words.forgotten);
  el.text.focus();
};
el.hide.onclick = () => tell('close');
onkeydown = event => { if (event.key === 'Escape') tell('close'); };
ononline = document.onvisibilitychange = back;
onoffline = () => say(words.offline);
onhashchange = () => {
  const found = linked();
  if (found) {
    forget();
    take(found);
  }
};

if (framed) {
  // Only the sites that may frame this page can answer. Without an answer it works by itself.
  parent.postMessage({ helpdesk: 'ready' }, '*');
  setTimeout(() => site || start(), 3000);
} else start();
