// Saving a plan: by the button, and by itself while it is a draft. What is not saved yet is kept in the tab, so that a lost connection, a
// session that ended or a reload loses nothing; it goes with the tab, since examples may hold people's pay.

const QUIET = 2500
const LATEST = 10000
const AGAIN = 5000

let form, written, show, state
let saved = ''
let isLeaving = false
let isBusy = false
let isTyped = false
let isStopped = false
let timer = 0
let since = 0

const field = name => form.elements.namedItem(name)
const box = name => form.querySelector(`[data-design-${name}]`)
const place = () => `design ${form.getAttribute('action')}`

export const isSaved = now => isLeaving || now === saved

function say (name, more = '') {
  state.textContent = [state.dataset[name], more].filter(Boolean).join(' ')
  state.classList.toggle('is-unsaved', !['saved', 'kept', 'saving'].includes(name))
}

// What is written changed: it is kept in the tab at once, and saved once nothing more is typed, at the latest ten seconds after the first
// change that is not saved.
export function watch (now) {
  if (now === saved) { since = 0; return isTyped ? forget('saved') : say('saved') }
  isTyped = true
  since ||= Date.now()
  say('unsaved')
  try { sessionStorage.setItem(place(), JSON.stringify({ base: field('base').value, now })) } catch { /* a full tab keeps nothing more */ }
  wait(Math.max(0, Math.min(QUIET, since + LATEST - Date.now())))
}

function forget (word, more) {
  sessionStorage.removeItem(place())
  say(word, more)
}

function wait (time) {
  clearTimeout(timer)
  if (form.hasAttribute('data-keeps') && !isStopped) timer = setTimeout(keep, time)
}

// Asks the server to save; gives its answer, or what stood in the way: no connection, or nobody signed in.
async function ask (values) {
  const data = new FormData(form)
  for (const [name, value] of Object.entries(values)) data.set(name, value)
  try {
    const answer = await fetch(form.getAttribute('action'), { method: 'POST', body: data, headers: { Accept: 'application/json' } })
    const isData = (answer.headers.get('Content-Type') ?? '').startsWith('application/json')
    if (!isData) return { failed: answer.redirected || answer.status < 500 ? 'out' : 'offline' }
    return { isOk: answer.ok, told: await answer.json() }
  } catch {
    return { failed: 'offline' }
  }
}

async function keep () {
  const sent = written()
  if (sent === saved || isStopped) return
  if (isBusy) return wait(QUIET)
  isBusy = true
  say('saving')
  const { failed, isOk, told } = await ask({ do: 'keep' })
  isBusy = false
  since = 0
  if (failed) { say(failed); return wait(AGAIN) }
  if (!isOk) return refuse(told)
  field('base').value = told.digest
  saved = sent
  if (written() === saved) forget('kept', told.at)
  else watch(written())
}

async function save (values) {
  if (isBusy) return setTimeout(() => save(values), 200)
  isBusy = true
  say('saving')
  const { failed, isOk, told } = await ask({ do: 'save', ...values })
  isBusy = false
  if (failed) { say(failed); return wait(AGAIN) }
  if (!isOk) return refuse(told)
  isLeaving = true
  sessionStorage.removeItem(place())
  location.assign(told.url)
}

// Somebody else saved meanwhile, or the draft can't be saved: it is said, and nothing more is saved until a person decides.
function refuse (told) {
  isStopped = told.conflict
  say('unsaved')
  const notice = box('refused')
  notice.hidden = false
  notice.querySelector('[data-words]').textContent = told.words
  notice.querySelector('[data-conflict]').hidden = !told.conflict
  notice.scrollIntoView({ block: 'nearest' })
}

export function submitted (event) {
  const { name, value } = event.submitter ?? {}
  if (value === 'save' || name === 'over') {
    event.preventDefault()
    save(name === 'over' ? { over: value } : {})
  } else isLeaving = value !== 'export'
}

// What an earlier visit in this tab left unsaved: brought back by the person, unless the draft says it by now.
function find () {
  const kept = JSON.parse(sessionStorage.getItem(place()) ?? 'null')
  if (!kept || kept.now === saved) return
  const notice = box('found')
  notice.hidden = false
  const close = () => { notice.hidden = true }
  box('bring').addEventListener('click', () => { close(); field('base').value = kept.base; show(kept.now) })
  box('drop').addEventListener('click', () => { close(); sessionStorage.removeItem(place()) })
}

export function begin (designer) {
  ({ form, written, show } = designer)
  state = box('state')
  saved = designer.isNew ? '' : written()
  box('theirs').addEventListener('click', () => { isLeaving = true; sessionStorage.removeItem(place()) })
  if (!designer.isNew) find()
  window.addEventListener('online', () => wait(0))
}
