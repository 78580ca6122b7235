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

  async function copy(el, button) {
    try {
      await navigator.clipboard.writeText(el.textContent)
      button.textContent = 'Copied'
    } catch {
      getSelection().selectAllChildren(el) // no clipboard without https: mark it instead
      button.textContent = 'Marked'
    }
    setTimeout(() => { button.textContent = 'Copy' }, 2000)
  }

  // The parts of the page that a ring changes.
  const parts = ['ring', 'subscribe', 'query', 'month', 'year']

  async function calculate(form, focus) {
    const query = new URLSearchParams(new FormData(form))
    if (!query.get('tz')) query.delete('tz')
    const address = new URL(form.action)
    address.search = query
    address.hash = ''
    const answer = await fetch(address, { headers: { Accept: 'text/html' } })
    if (!answer.ok) {
      location.assign(address)
      return
    }
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html')
    for (const id of parts) {
      const fresh = document.importNode(page.getElementById(id), true)
      enhance(fresh)
      document.getElementById(id).replaceWith(fresh)
    }
    history.replaceState(null, '', address)
    document.querySelector(`#ring [name="${focus}"]`)?.focus()
  }

  document.addEventListener('change', (event) => {
    const form = event.target.closest('#ring form')
    if (form && form.checkValidity()) calculate(form, event.target.name)
  })
  document.addEventListener('submit', (event) => {
    if (!event.target.closest('#ring form')) return
    event.preventDefault()
    calculate(event.target, document.activeElement?.name ?? '')
  })
  enhance(document)
})()
