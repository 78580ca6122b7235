// Everything works without this script: it adds copy buttons, the reader's own
// time, and answers the calculator without loading the page again.
(() => {
  'use strict'

  function enhance(root) {
    for (const el of root.querySelectorAll('[data-copy]')) {
      const button = document.createElement('button')
      button.type = 'button'
      button.className = 'copy'
      button.textContent = 'Copy'
      button.setAttribute('aria-label', 'Copy ' + el.textContent.slice(0, 80))
      button.addEventListener('click', () => copy(el, button))
      el.after(button)
    }
    for (const el of root.querySelectorAll('time[data-local]')) {
      el.title = new Date(el.dateTime).toLocaleString(undefined, { dateStyle: 'full', timeStyle: 'short' }) + ' where you are'
    }
  }

  let forgetting = 0 // what was said last is not cut short by what was said before

  async function copy(el, button) {
    let done = 'Copied'
    try {
      await navigator.clipboard.writeText(el.textContent)
    } catch {
      getSelection().selectAllChildren(el) // no clipboard without https: mark it instead
      done = 'Marked'
    }
    button.textContent = done
    const said = document.getElementById('said')
    said.textContent = done
    setTimeout(() => { button.textContent = 'Copy' }, 2000)
    clearTimeout(forgetting)
    forgetting = setTimeout(() => { said.textContent = '' }, 2000)
  }

  // The parts of the page that a ring or a zone changes: all but the form, in which
  // the reader goes on to type.
  const parts = ['tracks', 'asof', 'next', 'year', 'answer', 'subscribe', 'query', 'month', 'changes']
  let asked = 0 // only the newest question counts

  async function calculate(form, sent) {
    const query = new URLSearchParams(new FormData(form))
    if (!query.get('tz')) query.delete('tz')
    const address = new URL(form.action)
    address.search = query
    address.hash = ''
    const mine = ++asked
    const answer = await fetch(address, { headers: { Accept: 'text/html' } })
    const text = await answer.text()
    if (mine !== asked) return
    if (!answer.ok) {
      if (sent) location.assign(address) // the page says what is wrong
      return
    }
    const page = new DOMParser().parseFromString(text, 'text/html')
    for (const id of parts) {
      const part = document.getElementById(id)
      if (!part) continue // only who looks back in time has a banner
      part.replaceChildren(...document.importNode(page.getElementById(id), true).childNodes)
      enhance(part)
    }
    document.getElementById('feed').href = page.getElementById('feed').getAttribute('href')
    history.replaceState(null, '', address)
  }

  document.addEventListener('change', (event) => {
    const form = event.target.closest('#ring form')
    if (form && form.checkValidity()) calculate(form, false)
  })
  document.addEventListener('submit', (event) => {
    if (!event.target.closest('#ring form')) return
    event.preventDefault()
    calculate(event.target, true)
  })
  enhance(document)

  // A copy in files may be older than its reader thinks.
  const made = document.querySelector('#made time')
  const age = made ? Math.floor((Date.now() - new Date(made.dateTime)) / 864e5) : 0
  if (age > 1) made.parentElement.append(` That was ${age} days ago: look for a newer one.`)
})()
