// Completion in formulas: what may be written next is asked of the server, which knows the plan. Arrows choose, Enter or Tab takes,
// Escape closes; typing goes on in the field all the time.

const form = document.getElementById('designer')
const list = document.getElementById('design-proposals')
let field = null
let asked = 0
let timer = 0

const options = () => Array.from(list.querySelectorAll('[role=option]'))
const chosen = () => options().find(each => each.getAttribute('aria-selected') === 'true')

function close () {
  list.hidden = true
  field?.removeAttribute('aria-activedescendant')
}

function choose (option) {
  for (const each of options()) each.setAttribute('aria-selected', String(each === option))
  field.setAttribute('aria-activedescendant', option.id)
  option.scrollIntoView({ block: 'nearest' })
}

function take (option) {
  const { text, start, end } = option.dataset
  field.setRangeText(text, Number(start), Number(end), 'end')
  close()
  field.dispatchEvent(new Event('input', { bubbles: true }))
}

async function ask (target) {
  const number = ++asked
  const values = new FormData(form)
  values.set('do', 'complete')
  values.set('at', target.name)
  values.set('position', target.selectionStart)
  const answer = await fetch(form.getAttribute('action'), { method: 'POST', body: new URLSearchParams(values), headers: { 'HX-Request': 'true' } })
  if (!answer.ok || number !== asked || document.activeElement !== target) return
  list.innerHTML = await answer.text()
  const found = options()
  field = target
  if (!found.length || (found.length === 1 && target.value.slice(Number(found[0].dataset.start), Number(found[0].dataset.end)) === found[0].dataset.text)) return close()
  const place = target.getBoundingClientRect()
  list.style.setProperty('left', `${Math.max(16, place.left + window.scrollX)}px`)
  list.style.setProperty('top', `${place.bottom + window.scrollY + 4}px`)
  list.hidden = false
  choose(found[0])
}

function onInput (event) {
  if (!event.target.matches('[data-formula]')) return
  clearTimeout(timer)
  const target = event.target
  const before = target.value.slice(0, target.selectionStart)
  if (/[A-Za-z_[(]$/.test(before)) timer = setTimeout(() => ask(target), 200)
  else close()
}

function onKey (event) {
  if (!event.target.matches('[data-formula]')) return
  if (event.key === ' ' && event.ctrlKey) { event.preventDefault(); return ask(event.target) }
  if (list.hidden) return
  const found = options()
  const place = found.indexOf(chosen())
  if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
    event.preventDefault()
    choose(found[(place + (event.key === 'ArrowDown' ? 1 : found.length - 1)) % found.length])
  } else if (event.key === 'Enter' || event.key === 'Tab') {
    event.preventDefault()
    take(chosen())
  } else if (event.key === 'Escape') {
    event.stopPropagation()
    close()
  }
}

if (form) {
  form.addEventListener('input', onInput)
  form.addEventListener('keydown', onKey)
  form.addEventListener('focusout', () => setTimeout(close, 150))
  list.addEventListener('mousedown', event => {
    event.preventDefault()
    const option = event.target.closest('[role=option]')
    if (option) take(option)
  })
}
