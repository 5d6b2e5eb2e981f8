// What pages need beyond links and forms: theme, menus, dialogs, search, shortcuts, toasts, tables, ticked rows.
// Every behaviour is bound to a data attribute and works on what htmx brings later, because it listens on the document.

const $ = (selector, within = document) => within.querySelector(selector)
const $$ = (selector, within = document) => Array.from(within.querySelectorAll(selector))

function remember (name, value) {
  try { window.localStorage.setItem(name, value) } catch (refused) { console.info('This browser keeps no settings.') }
}

function recall (name) {
  try { return window.localStorage.getItem(name) } catch (refused) { return null }
}

// Theme: the choice is kept, theme.js applies it.
function markTheme () {
  for (const button of $$('[data-theme]')) {
    button.setAttribute('aria-pressed', String(button.dataset.theme === document.documentElement.dataset.themeChoice))
  }
}

function chooseTheme (choice) {
  remember('theme', choice)
  document.dispatchEvent(new CustomEvent('themeapply'))
  markTheme()
}

// Menus are <details>: one open at a time, closed by a click elsewhere and by Escape.
function closeMenus (except) {
  for (const menu of $$('details.menu[open]')) if (menu !== except) menu.open = false
}

// Dialogs.
function openDialog (id) {
  const dialog = document.getElementById(id)
  if (!dialog || dialog.open) return
  closeMenus()
  dialog.showModal()
}

function openPalette () {
  openDialog('palette')
  const input = $('#palette_input')
  if (input) { input.select(); input.focus() }
}

function moveInPalette (event) {
  const items = $$('#palette_results .palette-item')
  if (!items.length || !['ArrowDown', 'ArrowUp'].includes(event.key)) return
  event.preventDefault()
  const step = event.key === 'ArrowDown' ? 1 : -1
  const next = items.indexOf(document.activeElement) + step
  if (next < 0) $('#palette_input').focus()
  else items[Math.min(next, items.length - 1)].focus()
}

function enterInPalette (event) {
  const first = $('#palette_results .palette-item')
  if (event.key !== 'Enter' || event.target.id !== 'palette_input' || !first) return
  event.preventDefault()
  first.click()
}

// Toasts: good news leaves by itself, bad news stays until closed.
const LEAVES_AFTER = 9000

function leaveLater (toast) {
  if (toast.matches('.toast-error, .toast-warning')) return
  const leave = () => (toast.matches(':hover, :focus-within') ? setTimeout(leave, 2000) : toast.remove())
  setTimeout(leave, LEAVES_AFTER)
}

export function toast (text, tone = 'info') {
  const host = $('#toasts')
  const note = document.createElement('div')
  note.className = `toast-note toast-${tone}`
  note.dataset.toast = ''
  const words = document.createElement('p')
  words.textContent = text
  const close = document.createElement('button')
  close.type = 'button'
  close.className = 'btn btn-sm btn-ghost'
  close.dataset.toastClose = ''
  close.textContent = host.dataset.closeLabel
  note.append(words, close)
  host.append(note)
  leaveLater(note)
}

// Tables: a frame that overflows scrolls inside and can be reached by keyboard; one that fits lets its head stick to the page.
// Frames on one page have different names: the caption, the card around it where that is named, a number where both repeat.
function frameName (frame) {
  const card = frame.closest('article[aria-labelledby]')
  const words = [$('caption', frame)?.textContent.trim() || frame.closest('[aria-label]:not([data-table-frame])')?.getAttribute('aria-label') || document.title]
  if (card) words.push(document.getElementById(card.getAttribute('aria-labelledby'))?.textContent.trim())
  const name = words.filter(Boolean).join(', ')
  const taken = $$('[data-table-frame][aria-label]').filter(each => each !== frame).map(each => each.getAttribute('aria-label'))
  return [name, ...Array.from({ length: 99 }, (_, number) => `${name} ${number + 2}`)].find(each => !taken.includes(each))
}

function fitFrame (frame) {
  const content = frame.firstElementChild
  const tallest = parseFloat(getComputedStyle(frame).maxHeight)
  const overflows = content && (content.scrollWidth > frame.clientWidth + 1 || content.scrollHeight > tallest + 1)
  frame.classList.toggle('is-scrolling', overflows)
  frame.classList.toggle('is-fitting', !overflows)
  if (overflows) {
    frame.tabIndex = 0
    frame.setAttribute('role', 'region')
    frame.setAttribute('aria-label', frameName(frame))
  } else {
    for (const name of ['tabindex', 'role', 'aria-label']) frame.removeAttribute(name)
  }
}

const frames = new ResizeObserver(entries => entries.forEach(entry => fitFrame(entry.target)))

// Ticked rows: their count and the total of their amounts.
function countTicked (form) {
  const boxes = $$('input[type=checkbox]').filter(box => box.form === form && !box.dataset.bulkAll)
  const ticked = boxes.filter(box => box.checked)
  $('[data-bulk-count]', form).textContent = ticked.length.toLocaleString(form.dataset.language)
  for (const button of $$('button', form)) button.disabled = ticked.length === 0
  for (const row of boxes) row.closest('tr')?.classList.toggle('is-ticked', row.checked)
  if (form.dataset.currency) showTotal(form, ticked)
  const all = $(`[data-bulk-all="${form.id}"]`)
  if (!all) return
  all.checked = boxes.length > 0 && ticked.length === boxes.length
  all.indeterminate = ticked.length > 0 && !all.checked
}

function showTotal (form, ticked) {
  const minor = ticked.reduce((sum, box) => sum + BigInt(box.dataset.amount || 0), 0n)
  const digits = Number(form.dataset.digits)
  const money = new Intl.NumberFormat(form.dataset.language, { style: 'currency', currency: form.dataset.currency, minimumFractionDigits: digits, maximumFractionDigits: digits })
  $('[data-bulk-total-part]', form).hidden = ticked.length === 0
  $('[data-bulk-total]', form).textContent = money.format(majorText(minor, digits))
}

function majorText (minor, digits) {
  const negative = minor < 0n
  const text = String(negative ? -minor : minor).padStart(digits + 1, '0')
  const whole = text.slice(0, text.length - digits)
  return `${negative ? '-' : ''}${whole}${digits ? '.' + text.slice(-digits) : ''}`
}

// Upload: the drop area says the name of what was chosen.
function nameFile (input) {
  const words = $('[data-drop-name]', input.closest('[data-drop]'))
  if (input.files.length) words.textContent = Array.from(input.files, file => file.name).join(', ')
}

// Single keys work outside of fields and can be switched off.
let lastKey = ''

function singleKey (event) {
  if (recall('single-keys') === 'off' || event.target.closest('input, textarea, select, [contenteditable], dialog')) return
  if (event.ctrlKey || event.metaKey || event.altKey) return
  const filter = $('.filters input:not([type=hidden]), .filters select')
  if (event.key === '?') openDialog('shortcuts')
  else if (event.key === '/' && filter) { event.preventDefault(); filter.focus() } else if (event.key === 'h' && lastKey === 'g') $('.sidebar .brand')?.click()
  lastKey = event.key
}

function onKey (event) {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k' && $('#palette')) {
    event.preventDefault()
    return openPalette()
  }
  if (event.key === 'Escape') {
    const menu = event.target.closest('details.menu[open]')
    closeMenus()
    $('summary', menu || document.createElement('i'))?.focus()
  }
  if (event.key === 'Escape' && event.target.id === 'palette_input') { event.preventDefault(); $('#palette').close() }
  if (event.target.closest('#palette')) { moveInPalette(event); enterInPalette(event) }
  singleKey(event)
}

function onClick (event) {
  closeMenus(event.target.closest('details.menu'))
  const target = event.target.closest('[data-theme], [data-dialog], [data-dialog-close], [data-palette], [data-toast-close]')
  if (event.target instanceof HTMLDialogElement) event.target.close()
  if (!target) return
  const { theme, dialog } = target.dataset
  if (theme) chooseTheme(theme)
  if (dialog) openDialog(dialog)
  if ('dialogClose' in target.dataset) target.closest('dialog').close()
  if ('palette' in target.dataset) openPalette()
  if ('toastClose' in target.dataset) target.closest('[data-toast]').remove()
}

function onChange (event) {
  const { target } = event
  if (target.dataset.bulkAll) {
    const form = document.getElementById(target.dataset.bulkAll)
    for (const box of $$('input[type=checkbox]')) if (box.form === form) box.checked = target.checked
  }
  const form = target.dataset.bulkAll ? document.getElementById(target.dataset.bulkAll) : target.form
  if (form?.matches('[data-bulk]')) countTicked(form)
  if (target.closest('[data-drop]') && target.type === 'file') nameFile(target)
  if ('singleKeys' in target.dataset) remember('single-keys', target.checked ? 'on' : 'off')
}

// What htmx brings is prepared like what came with the page.
function prepare (within) {
  for (const frame of $$('[data-table-frame]', within)) frames.observe(frame)
  for (const form of $$('[data-bulk]', within)) countTicked(form)
  for (const note of $$('[data-toast]', within)) leaveLater(note)
  $('[data-focus]', within)?.focus()
}

function tellFailure (event) {
  const retry = event.detail?.xhr?.getResponseHeader('Retry-After')
  const { refused, unreachable, wait } = $('#toasts').dataset
  const words = event.detail?.xhr?.status ? refused : unreachable
  toast(retry ? `${words} ${wait} ${retry}` : words, 'error')
}

document.addEventListener('click', onClick)
document.addEventListener('keydown', onKey)
document.addEventListener('change', onChange)
document.addEventListener('htmx:load', event => { if (event.detail.elt !== document.body) prepare(event.detail.elt) })
document.addEventListener('htmx:responseError', tellFailure)
document.addEventListener('htmx:sendError', tellFailure)
document.addEventListener('toast', event => toast(event.detail.text ?? event.detail.value, event.detail.tone))
document.addEventListener('themechange', markTheme)

const singleKeys = $('[data-single-keys]')
if (singleKeys) singleKeys.checked = recall('single-keys') !== 'off'
if (/Mac|iPhone|iPad/.test(navigator.platform)) for (const key of $$('[data-palette-key]')) key.textContent = '⌘ K'
markTheme()
prepare(document)
