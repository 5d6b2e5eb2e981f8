// The designer: unsaved mark, undo and redo, errors beside their fields, cards that can be dragged. The server holds all rules:
// every step is a post of the whole form, and what comes back is put in place by htmx. Saving is in saving.js.

import { begin, isSaved, submitted, watch } from './saving.js'

const form = document.getElementById('designer')
const body = document.getElementById('design-body')
const source = document.getElementById('design-source')
const past = []
const ahead = []
let now = ''
let drawn = null

const IGNORED = /^(seen:|csrfmiddlewaretoken$|do$|base$|preview)/

function written () {
  const fields = new URLSearchParams()
  for (const [name, value] of new FormData(form)) if (!IGNORED.test(name)) fields.append(name, value)
  return fields.toString()
}

// What real people would get stays as it was computed; it says so once the plan has changed since.
let computed = ''
let asked = ''

function age () {
  const old = document.querySelector('[data-design-old]')
  if (old) old.hidden = written() === computed || !document.querySelector('#design-preview > *')
}

function mark () {
  watch(now)
  age()
  for (const [name, list] of [['undo', past], ['redo', ahead]]) {
    const button = form.querySelector(`[data-design-${name}]`)
    button.hidden = false
    button.disabled = list.length === 0
  }
}

// Keeps what was written before the last change; a step and a finished field are one change each.
function keep () {
  const latest = written()
  if (latest === now) return
  past.push(now)
  if (past.length > 100) past.shift()
  ahead.length = 0
  now = latest
  mark()
}

function restore (from, to) {
  const wanted = from.pop()
  if (wanted === undefined) return
  to.push(now)
  show(wanted)
}

function show (wanted) {
  now = wanted
  const values = Object.fromEntries(new URLSearchParams(wanted))
  window.htmx.ajax('POST', form.getAttribute('action'), { source, target: '#design-body', swap: 'innerHTML', values: { ...values, do: 'show' } })
    .then(() => { now = written(); mark() })
}

// The server's findings name a place of the document; the field that stands for it says the error, too.
function fieldAt (at) {
  const parent = at.slice(0, at.lastIndexOf('.'))
  const names = [`f:${at}`, `bound:${at}`, `bound:${at}.period`, `measure:${at}`, `pay:${parent}`, `way:${parent}`, `column:${at}.0`, `release:${at}`, `release:${parent}`, `holdback:${at}`, `edges:${at}`, `yaml:${at.split('.').slice(0, 2).join('.')}`]
  for (const name of names) {
    const found = form.elements.namedItem(name)
    if (found && found.type !== 'hidden') return found
  }
  return null
}

function describe (field, ids) {
  field.setAttribute('aria-describedby', ids.filter(Boolean).join(' '))
}

// A mistake in a formula says where: the formula again with the word at its line and column marked; a button that leads to it there.
function formulaMarked (field, { line, column }) {
  const lines = field.value.split('\n')
  const start = lines.slice(0, line - 1).reduce((sum, each) => sum + each.length + 1, 0) + Number(column) - 1
  const [word] = /^[\p{L}\p{N}_.]+|^[\s\S]|^$/u.exec(field.value.slice(start)) ?? ['']
  const shown = document.createElement('button')
  const wrong = document.createElement('mark')
  wrong.textContent = word || ' '
  shown.type = 'button'
  shown.className = 'formula-wrong'
  shown.title = form.dataset.mistake
  shown.append(field.value.slice(Math.max(0, start - 40), start), wrong, field.value.slice(start + word.length, start + word.length + 40))
  shown.addEventListener('click', () => { field.focus(); field.setSelectionRange(start, start + word.length) })
  return shown
}

function showErrors () {
  const left = document.activeElement.closest('[data-inline-error]')?.id
  for (const note of form.querySelectorAll('[data-inline-error]')) note.remove()
  for (const field of form.querySelectorAll('[aria-invalid]')) {
    field.removeAttribute('aria-invalid')
    describe(field, (field.getAttribute('aria-describedby') ?? '').split(' ').filter(id => id !== `${field.id}_error`))
    field.classList.remove('is-invalid')
  }
  for (const finding of form.querySelectorAll('[data-at][data-severity="ERROR"]')) {
    const field = fieldAt(finding.dataset.at)
    if (!field || field.hasAttribute('aria-invalid')) continue
    const note = document.createElement('p')
    note.className = 'field-error'
    note.dataset.inlineError = ''
    note.id = `${field.id}_error`
    const where = finding.dataset.column ? `${finding.dataset.place}: ` : ''
    note.append(where + finding.querySelector('[data-what]').textContent)
    if (where && field.setSelectionRange) note.append(formulaMarked(field, finding.dataset))
    field.setAttribute('aria-invalid', 'true')
    describe(field, [...(field.getAttribute('aria-describedby') ?? '').split(' '), note.id])
    field.classList.add('is-invalid')
    field.closest('details:not([open])')?.setAttribute('open', '')
    field.after(note)
  }
  if (left) document.getElementById(left)?.querySelector('button')?.focus()
}

// A step draws the cards anew: the focus goes to where the step happened, or back to where it was.
let held = { id: '', value: '' }

function holdFocus () {
  const { id, value, name } = document.activeElement
  held = { id, value: name === 'do' ? value : '' }
}

// What is typed while an answer is on its way is put into the fields that come, where the step has moved no card or row: fields are named
// by their place, and what was typed must not land in another one.
const STAYS = ['show', 'way', 'draw']
const values = () => new Map([...new FormData(form)].filter(([name]) => !IGNORED.test(name) && name !== 'document'))
let sent = new Map()
let typed = []

function holdTyped () {
  typed = [...values()].filter(([name, value]) => sent.has(name) && sent.get(name) !== value)
}

function typeAgain () {
  for (const [name, value] of typed) {
    const field = form.elements.namedItem(name)
    if (field?.type === 'checkbox') field.checked = true
    else if (field?.name && field.type !== 'hidden') field.value = value
  }
  if (typed.length) form.dispatchEvent(new Event('input', { bubbles: true }))
}

function isReachable (element) {
  return element && !element.disabled && element.type !== 'hidden' && element.offsetParent !== null
}

// A step draws the cards anew: a section that was opened stays open, by its card and its heading.
const openings = () => [...body.querySelectorAll('details > summary')].map(summary => {
  const details = summary.parentElement
  return [`${details.closest('[data-card]')?.querySelector('h3')?.textContent ?? ''}:${summary.textContent}`, details]
})
let opened = new Set()

function holdOpen () {
  opened = new Set(openings().filter(([, details]) => details.open).map(([name]) => name))
}

function openAgain () {
  for (const [name, details] of openings()) if (opened.has(name)) details.open = true
}

// The first of some fields that can be reached, where only a closed section may be in the way.
function shownIn (fields) {
  for (const field of fields.filter(each => !each.disabled && each.type !== 'hidden')) {
    const closed = field.closest('details:not([open])')
    if (closed) closed.open = true
    if (isReachable(field)) return field
    if (closed) closed.open = false
  }
}

function giveFocus () {
  const { focusPath: path, focusVerb: verb } = body.querySelector('[name=document]').dataset
  const at = name => [`:${path}`, `:${path}.`].some(end => name.includes(end) && !/^\d/.test(name.slice(name.indexOf(end) + end.length)))
  const wishes = [
    () => ['show', 'way'].includes(verb) && held.id && document.getElementById(held.id),
    () => verb === 'way' && form.elements.namedItem(`way:${path}`),
    () => ['up', 'down', 'move'].includes(verb) && [verb, 'up', 'down'].map(each => body.querySelector(`[name=do][value="${each} ${path}"]`)).find(isReachable),
    () => path && shownIn([...form.elements].filter(each => at(each.name))),
    () => held.id && document.getElementById(held.id),
    () => held.value && [...body.querySelectorAll('[name=do]')].find(each => each.value === held.value && isReachable(each)),
    () => path && body.querySelector(`[name=do][value="add ${path.slice(0, path.lastIndexOf('.'))}"]`)
  ]
  for (const wish of wishes) {
    const found = wish()
    if (!found) continue
    found.focus()
    if (verb === 'add' && found.matches('input')) found.select() // a new name is typed over
    return
  }
}

// Dragging does what the buttons do.
let dragged = null

function dropTarget (event) {
  const card = event.target.closest?.('[data-card]')
  return card && dragged && card !== dragged && listOf(card) === listOf(dragged) ? card : null
}

const listOf = card => card.dataset.card.split('.')[0]

function onDrag (event) {
  if (event.type === 'dragstart' && event.target.matches?.('[data-grip]')) {
    dragged = event.target.closest('[data-card]')
    event.dataTransfer.setData('text/plain', dragged.dataset.card)
    event.dataTransfer.setDragImage(dragged, 20, 20)
  }
  const card = dropTarget(event)
  for (const each of form.querySelectorAll('.is-drop')) if (each !== card) each.classList.remove('is-drop')
  if (event.type === 'dragover' && card) { event.preventDefault(); card.classList.add('is-drop') }
  if (event.type === 'drop' && card) {
    event.preventDefault()
    const step = `move ${dragged.dataset.card} ${card.dataset.card.split('.')[1]}`
    window.htmx.ajax('POST', form.getAttribute('action'), { source, target: '#design-body', swap: 'innerHTML', values: { ...Object.fromEntries(new FormData(form)), do: step } })
  }
  if (event.type === 'dragend') dragged = null
}

function onKey (event) {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 's') {
    event.preventDefault()
    form.querySelector('[name=do][value=save]').click()
  }
  if (event.key === 'Enter' && event.target.matches('input')) event.preventDefault()
}

function start () {
  now = computed = written()
  begin({ form, written, show: wanted => { past.push(now); ahead.length = 0; show(wanted) }, isNew: body.hasAttribute('data-unsaved') })
  mark()
  showErrors()
  form.addEventListener('change', keep)
  form.addEventListener('input', () => { watch(written()); age() })
  form.addEventListener('keydown', onKey)
  for (const kind of ['dragstart', 'dragover', 'drop', 'dragend']) form.addEventListener(kind, onDrag)
  form.querySelector('[data-design-undo]').addEventListener('click', () => restore(past, ahead))
  form.querySelector('[data-design-redo]').addEventListener('click', () => restore(ahead, past))
  form.addEventListener('submit', submitted)
  document.addEventListener('htmx:beforeRequest', event => {
    if (event.detail.target === body) sent = values()
    if (event.detail.target.id === 'design-preview') asked = written()
  })
  document.addEventListener('htmx:beforeSwap', event => { if (event.detail.target === body) { holdFocus(); holdOpen(); holdTyped() } })
  document.addEventListener('htmx:afterSettle', event => {
    if (event.detail.target.id === 'design-preview') { computed = asked; age() }
    if (event.detail.target !== body || body.firstElementChild === drawn) return
    drawn = body.firstElementChild
    const step = event.detail.requestConfig?.parameters?.do ?? ''
    if (STAYS.includes(step.split(' ')[0])) typeAgain()
    if (step !== 'show') keep()
    openAgain()
    showErrors()
    giveFocus()
  })
  document.addEventListener('htmx:oobAfterSwap', () => requestAnimationFrame(showErrors))
  window.addEventListener('beforeunload', event => { if (!isSaved(written())) event.preventDefault() })
}

if (form) start()
