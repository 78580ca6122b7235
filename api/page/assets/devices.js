// The page of a list of devices sends it to the API and draws the answer. Whatever comes from
// there is written as text, never as markup.
(() => {
  'use strict'

  const $ = (id) => document.getElementById(id)
  const svgs = 'http://www.w3.org/2000/svg'
  const words = {
    current: 'current', behind: 'behind: a hotpatch is missing', 'baseline-due': 'baseline due: the next update restarts',
    'off-cycle': 'off the cycle: restarts each month', ambiguous: 'ambiguous: on the cycle or off it', unknown: 'unknown build',
    'ambiguous-product': 'product not told', 'no-track': 'on no track', 'no-build': 'no build of Windows', unreadable: 'row not readable',
  }
  const head = 64 << 10 // bytes that show whether the rest is worth sending

  const el = (tag, attributes, ...children) => {
    const e = document.createElement(tag)
    for (const [name, value] of Object.entries(attributes)) e.setAttribute(name, value)
    e.append(...children)
    return e
  }

  // bar draws parts side by side, each a share of the whole. One without a label says nothing that
  // does not stand beside it.
  function bar(parts, label) {
    const svg = document.createElementNS(svgs, 'svg')
    const said = label ? { role: 'img', 'aria-label': label } : { 'aria-hidden': 'true' }
    for (const [name, value] of Object.entries({ viewBox: '0 0 100 4', preserveAspectRatio: 'none', ...said })) svg.setAttribute(name, value)
    let x = 0
    for (const { kind, share, text } of parts) {
      const rect = document.createElementNS(svgs, 'rect')
      for (const [name, value] of Object.entries({ x: 100 * x, width: 100 * share, height: 4, class: kind })) rect.setAttribute(name, value)
      if (text) {
        const title = document.createElementNS(svgs, 'title')
        title.textContent = text
        rect.append(title)
      }
      svg.append(rect)
      x += share
    }
    return svg
  }

  const percent = (share) => `${(100 * share).toFixed(1)} %`
  const number = (n) => n.toLocaleString('en')
  const count = (n, what) => `${number(n)} ${what}${n === 1 ? '' : 's'}`
  const trackOf = (row) => row.track_name ?? (row.candidates.length ? row.candidates.join(' or ') : 'No track')

  async function send(body, query) {
    const headers = { 'Content-Type': 'text/csv' }
    if ($('token').value) headers.Authorization = 'Bearer ' + $('token').value
    let answer, text
    try {
      answer = await fetch('/api/v1/devices?' + query, { method: 'POST', body, headers, cache: 'no-store', mode: 'same-origin', redirect: 'error' })
      text = await answer.text()
    } catch {
      throw new Error('The service did not answer, or broke off: look whether you are online and the file is still there, and ask again.')
    }
    let told = {}
    try { told = JSON.parse(text) } catch { /* a proxy's page, or nothing */ }
    if (answer.ok) return told
    throw new Error(told.detail ?? `${answer.status} ${answer.statusText}`)
  }

  async function ask() {
    const file = $('list').files[0]
    if (!file) throw new Error('No file is chosen: want an export as CSV.')
    if (!/^[\x21-\x7e]*$/.test($('token').value)) throw new Error('This is no token: it has a space, or a letter that no token has.')
    const query = new URLSearchParams()
    for (const [name, id] of [['ring', 'ring'], ['build_column', 'build'], ['product_column', 'product']]) {
      if ($(id).value.trim()) query.set(name, $(id).value.trim())
    }
    if (file.size > head) await send(file.slice(0, head), query) // who may not, or has another file, learns it at once
    show(await send(file, query))
  }

  function show({ data, meta }) {
    $('places-h').textContent = `${count(data.rows, 'device')}, as of ${meta.as_of}`
    $('read').textContent = `Columns read: ${[...data.columns.build, ...data.columns.revision, ...data.columns.product].join(', ')}.`
    const tracks = Map.groupBy?.(data.places, trackOf) ?? data.places.reduce((all, row) => all.set(trackOf(row), [...(all.get(trackOf(row)) ?? []), row]), new Map())
    $('bars').replaceChildren(...[...tracks].flatMap(([name, rows]) => {
      const all = rows.reduce((sum, row) => sum + row.devices, 0)
      const parts = rows.map((row) => ({ kind: row.place, share: row.devices / all, text: `${words[row.place] ?? row.place}: ${number(row.devices)}` }))
      return [el('h3', {}, `${name}: ${number(all)}`), bar(parts, parts.map((p) => p.text).join(', '))]
    }))
    $('places').replaceChildren(...data.places.map((row) => {
      const key = bar([{ kind: row.place, share: 1 }])
      key.setAttribute('class', 'key')
      return el('tr', {}, el('td', {}, trackOf(row)), el('td', {}, key, words[row.place] ?? row.place),
        el('td', { class: 'number' }, number(row.devices)), el('td', { class: 'number' }, percent(row.share)), el('td', { class: 'date' }, row.next_restart ?? '–'))
    }))
    const most = Math.max(...data.restarts.map((d) => d.devices))
    $('histogram').replaceChildren(...data.restarts.map((d) => el('tr', {}, el('td', { class: 'date' }, d.day), el('td', { class: 'number' }, number(d.devices)),
      el('td', { class: 'number' }, percent(d.share)), el('td', {}, bar([{ kind: 'day', share: d.devices / most }])))))
    $('days').hidden = data.restarts.length === 0
    $('passed').hidden = !data.restarts.some((d) => d.day < meta.as_of)
    $('untold').hidden = data.restart_unknown === 0
    $('untold').textContent = `The next restart can't be told of ${count(data.restart_unknown, 'device')}; ${count(data.newer, 'device')} on a build newer than every release known here.`
    $('wrong').hidden = data.unreadable === 0
    $('wrong-h').textContent = `${count(data.unreadable, 'row')} that can't be read`
    $('faults').replaceChildren(...data.faults.map((f) => el('li', {}, `Line ${f.line}: ${f.detail}`)))
    $('answer').hidden = false
    $('places-h').focus()
  }

  $('ask').addEventListener('submit', async (event) => {
    event.preventDefault()
    $('alert').textContent = ''
    $('answer').hidden = true
    $('go').disabled = true
    document.body.setAttribute('aria-busy', 'true')
    try {
      await ask()
    } catch (error) {
      $('alert').textContent = error.message
    }
    $('go').disabled = false
    document.body.setAttribute('aria-busy', 'false')
  })
  $('ask').hidden = false
})()
