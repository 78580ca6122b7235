// The page of a fleet asks the API with the reader's token, which stays in this tab. Whatever
// comes from there is written as text, never as markup.
(() => {
  'use strict'

  const $ = (id) => document.getElementById(id)
  const kept = 'cyclecal-token'
  const fields = ['id', 'title', 'tracks', 'rings', 'kind', 'alarm', 'style']
  let token = ''
  let visit = 0 // grows with each sign in and out: answers to an earlier one are dropped
  let busy = 0 // the visit in which something is under way
  let fleet = {} // what was read last

  // Asking.

  // Refused is an answer that is no success, in the API's own words.
  class Refused extends Error {
    constructor(detail, status = 0, errors = []) {
      super(detail)
      this.status = status
      this.errors = errors
    }
  }

  async function ask(path, options = {}) {
    let answer, text
    try {
      answer = await fetch('/api/v1/' + path, {
        ...options, headers: { ...options.headers, Authorization: 'Bearer ' + token },
        cache: 'no-store', mode: 'same-origin', redirect: 'error',
      })
      text = await answer.text()
    } catch {
      throw new Refused('The service did not answer: look whether you are online, and ask again.')
    }
    let body = {}
    try { body = JSON.parse(text) } catch { /* a proxy's page, or nothing */ }
    if (answer.ok) return body
    const wait = answer.status === 429 && answer.headers.get('Retry-After')
    const detail = (body.detail ?? `${answer.status} ${answer.statusText}`) + (wait ? `, ${wait} seconds` : '')
    throw new Refused(detail, answer.status, body.errors)
  }

  // rows reads a list to its end.
  async function rows(path, query = []) {
    const all = { data: [] }
    const more = new URLSearchParams(query)
    for (;;) {
      const { data, meta } = await ask(`${path}?${more}`)
      all.data = all.data.concat(data)
      all.today = meta.as_of
      if (!meta.next_cursor) return all
      more.set('cursor', meta.next_cursor)
    }
  }

  // Who sends a request again because no answer came must not do a thing twice.
  const keys = new Map()

  async function write(method, path, body, headers = {}) {
    const what = method + path + body
    if (!keys.has(what)) keys.set(what, uuid())
    try {
      const answer = await ask(path, { method, body, headers: { ...headers, 'Content-Type': 'application/json', 'Idempotency-Key': keys.get(what) } })
      keys.delete(what)
      return answer
    } catch (error) {
      if (error.status > 0 && error.status < 500) keys.delete(what)
      throw error
    }
  }

  // Without https there is no randomUUID.
  const uuid = () => crypto.randomUUID?.() ?? Array.from(crypto.getRandomValues(new Uint32Array(4)), (n) => n.toString(16)).join('-')

  const mostRings = 20 // in one request

  // restarts reads the baselines of all rings: those to come within a year, and two months
  // back, for which a ring may still restart.
  async function restarts(rings, today) {
    let all = []
    for (let i = 0; i < rings.length; i += mostRings) {
      const query = rings.slice(i, i + mostRings).map((ring) => ['ring', ring.id])
      query.push(['kind', 'baseline'], ['from', addMonths(today, -2)], ['to', addMonths(today, 11)])
      all = all.concat((await rows('schedule', query)).data)
    }
    return all.filter((r) => [r.restart_by, r.window_end, r.next_window_end].some((end) => end && end.slice(0, 10) >= today))
  }

  async function load() {
    const mine = visit
    const rings = await rows('rings') // alone at first: a wrong token is refused once, not three times
    const [freezes, tracks] = await Promise.all([rows('freezes'), rows('tracks')])
    const found = { rings: rings.data, freezes: freezes.data, tracks: tracks.data, today: rings.today }
    found.restarts = await restarts(found.rings, found.today)
    try {
      found.feeds = (await rows('feeds')).data
    } catch (error) {
      if (error.status !== 403) throw error
      found.refused = error.message
    }
    if (mine !== visit) return false
    fleet = found
    show()
    return true
  }

  // Words.

  const format = (options) => {
    const f = new Intl.DateTimeFormat('en-GB', options)
    return (at) => f.format(at).replace('Sept ', 'Sep ') // as the other pages write it
  }
  const atDay = (form) => (iso) => form(new Date(iso.slice(0, 10) + 'T12:00:00Z'))
  const date = { day: 'numeric', month: 'short', year: 'numeric' }
  const short = (timeZone) => {
    const weekday = format({ weekday: 'short', timeZone }), rest = format({ ...date, timeZone })
    return (at) => `${weekday(at)} ${rest(at)}`
  }
  const day = atDay(short('UTC'))
  const plainDay = atDay(format({ ...date, timeZone: 'UTC' }))
  const weekday = atDay(format({ weekday: 'long', timeZone: 'UTC' })), rest = atDay(format({ ...date, month: 'long', timeZone: 'UTC' }))
  const long = (iso) => `${weekday(iso)}, ${rest(iso)}`
  const month = (iso, name = 'long') => format({ month: name, year: 'numeric', timeZone: 'UTC' })(new Date(iso + '-01T12:00:00Z'))

  const addMonths = (iso, n) => {
    const d = new Date(iso.slice(0, 7) + '-01T12:00:00Z')
    d.setUTCMonth(d.getUTCMonth() + n)
    return d.toISOString().slice(0, 7)
  }
  const away = (iso) => {
    const days = Math.round((Date.parse(iso) - Date.parse(fleet.today)) / 864e5)
    if (days < 0) return days === -1 ? 'yesterday' : `${-days} days ago`
    return ['today', 'tomorrow'][days] ?? `in ${days} days`
  }
  const dayIn = (at, timeZone) => new Intl.DateTimeFormat('sv-SE', { timeZone }).format(at) // which writes it as ISO does
  const count = (n, what) => `${n} ${what}${n === 1 ? '' : 's'}`
  const hours = (iso) => iso.replace('PT', '').replace('H', ' h ').replace('M', ' min').trim()

  // known is a zone that this browser has too.
  const known = (timeZone) => {
    try { return Intl.DateTimeFormat('en', { timeZone }) && timeZone } catch { return 'UTC' }
  }
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone
  const span = (start, end, timeZone) => {
    const from = new Date(start), to = new Date(end)
    const onDay = short(timeZone), at = format({ hour: '2-digit', minute: '2-digit', timeZone })
    const last = onDay(to) === onDay(from) ? '' : onDay(to).slice(0, 4) // it is at most a day long
    return `${onDay(from)}, ${at(from)} to ${last}${at(to)}`
  }
  // windowIn tells a span where the machines are and, if the clocks differ there, where the reader is.
  const windowIn = (start, end, zone) => {
    const there = span(start, end, zone), mine = span(start, end, here)
    return [`${there} in ${zone}`, ...(mine === there ? [] : [`, for you ${mine}`])].join('')
  }

  const statuses = {
    planned: 'planned baseline', announced: 'announced baseline', released: 'baseline, released',
    unconfirmed: 'baseline by the plan, unconfirmed: its day has passed and no release is known',
  }
  const kindOf = (row) => (row.unplanned ? 'unplanned ' : '') + statuses[row.status]

  // Writing.

  // el makes an element; strings become its text.
  function el(tag, attributes, ...children) {
    const e = document.createElement(tag)
    for (const [name, value] of Object.entries(attributes)) {
      if (value) e.setAttribute(name, value === true ? '' : value)
    }
    e.append(...children)
    return e
  }

  // said is what people wrote, kept from turning the words around it.
  const said = (text) => el('bdi', { dir: 'auto' }, text)
  const list = (items) => items.flatMap((item, i) => (i ? [i === items.length - 1 ? ' and ' : ', ', item] : [item]))
  const nameOf = (id) => fleet.tracks.find((t) => t.id === id)?.name ?? id
  const namesOf = (ids, all) => (ids.length ? list(ids.map((id) => said(nameOf(id)))) : [all])

  function show() {
    fill('ring-list', fleet.rings.map(ringCard), 'No ring is stored here. An editor makes one: cyclecal apply, or PUT /api/v1/rings/NAME.')
    const freezes = fleet.freezes.filter((f) => f.to >= fleet.today).sort((a, b) => (a.from < b.from ? -1 : 1))
    fill('freeze-list', freezes.map(freezeItem), 'None now, and none to come.')
    $('new').hidden = !fleet.feeds
    if (!fleet.feeds) return fill('feed-list', [], `An admin makes private feeds: ${fleet.refused}.`)
    fill('feed-list', fleet.feeds.map(feedItem), 'There is none yet.')
    choices('track-checks', fleet.tracks.map((t) => [t.id, t.name]))
    choices('ring-checks', fleet.rings.map((r) => [r.id, r.id]))
  }

  function fill(id, items, none) {
    $(id).replaceChildren(...(items.length ? items : [el('p', { class: 'note' }, none)]))
  }

  function choices(id, items) {
    const chosen = checked(id)
    fill(id, items.map(([value, name]) => {
      const box = el('input', { type: 'checkbox', value })
      box.checked = chosen.includes(value)
      return el('label', { class: 'check' }, box, said(name))
    }), 'There is none.')
  }

  const checked = (id) => [...$(id).querySelectorAll('input:checked')].map((box) => box.value)

  function ringCard(ring) {
    const w = ring.window
    const when = w && `${w.weekday ? w.weekday[0].toUpperCase() + w.weekday.slice(1) : count(w.offset_days, 'day') + ' after the release'}, ${w.start} in ${w.time_zone}, ${hours(w.duration)}`
    const card = el('article', { class: 'ring' }, el('h3', {}, said(ring.id)),
      el('p', { class: 'note' }, `Deferral ${count(ring.deferral, 'day')}, deadline ${count(ring.deadline, 'day')}, grace ${count(ring.grace, 'day')}. `,
        when ? `Window: ${when}.` : 'No maintenance window.'))
    const groups = alike(fleet.restarts.filter((row) => row.ring === ring.id))
    card.append(...groups.map((group) => trackGroup(group, ring)))
    if (!groups.length) card.append(el('p', {}, 'No restart within the next 12 months.'))
    return card
  }

  // alike puts the tracks together for which all restarts are the same.
  function alike(rows) {
    const tracks = new Map(), groups = new Map()
    for (const row of rows) tracks.set(row.track, [...(tracks.get(row.track) ?? []), row])
    for (const own of tracks.values()) {
      const key = JSON.stringify(own.map(({ month, status, unplanned, restart_by, offered_on, window_start, freeze, next_window_start, earlier_day }) =>
        [month, status, unplanned, restart_by, offered_on, window_start, freeze, next_window_start, earlier_day]))
      groups.set(key, [...(groups.get(key) ?? []), own])
    }
    return [...groups.values()].map((same) => ({ names: same.map((own) => own[0].track_name), rows: same[0] }))
  }

  function trackGroup({ names, rows }, ring) {
    const [next] = rows
    const zone = next.window_start ? known(ring.window.time_zone) : 'UTC'
    const opens = next.window_start && next.window_end.slice(0, 10) >= fleet.today // else what is left is the last day
    const first = opens ? dayIn(new Date(next.window_start), zone) : next.restart_by
    const lines = [
      el('h4', {}, ...list(names.map(said))),
      el('p', { class: 'hero' }, opens ? '' : 'By ', long(first), ' ', el('span', { class: 'away' }, next.freeze ? 'in a freeze' : away(first))),
      el('p', { class: 'why' }, `${month(next.month)}, ${kindOf(next)}. ${next.offered_on <= fleet.today ? 'Offered since' : 'Offered on'} ${day(next.offered_on)}, deadline ${day(next.deadline_on)}, every device restarted by ${day(next.restart_by)}.`),
    ]
    if (next.window_start) lines.push(el('p', { class: 'why' }, `Window: ${windowIn(next.window_start, next.window_end, zone)}.`))
    if (next.freeze) lines.push(warning(next, zone, 'result due', 'A freeze is in the way: '))
    lines.push(el('ol', { class: 'restarts', 'aria-label': 'Restarts of the next 12 months' }, ...rows.map(restartItem)))
    const later = rows.slice(1).filter((row) => row.freeze)
    return el('div', { class: 'group' }, ...lines, ...later.map((row) => warning(row, zone, 'notice', `${month(row.month)}, a freeze: `)))
  }

  // warning says which freeze is in the way, and what would do instead.
  function warning(row, zone, style, title) {
    const freeze = fleet.freezes.find((f) => f.id === row.freeze)
    const ways = []
    if (row.next_window_start) {
      const counts = known(fleet.tracks.find((t) => t.id === row.track)?.rule.time_zone ?? 'UTC') // days as restart_by does
      const late = dayIn(new Date(row.next_window_start), counts) > row.restart_by ? ', after the last day of the ring' : ''
      ways.push(`The next window that no freeze forbids: ${windowIn(row.next_window_start, row.next_window_end, zone)}${late}.`)
    }
    if (row.earlier_day) ways.push(`The last day before it: ${day(row.earlier_day)}.`)
    if (!ways.length) ways.push(row.window_start ? 'No other window and no earlier day would do.' : 'No earlier day would do.')
    return el('p', { class: style }, el('b', {}, title),
      ...(row.freeze_reason ? [said(row.freeze_reason), ' (', said(row.freeze), ')'] : [said(row.freeze)]),
      freeze ? `, ${plainDay(freeze.from)} to ${plainDay(freeze.to)}. ` : '. ', ways.join(' '))
  }

  function restartItem(row) {
    const sure = row.status === 'released' || row.status === 'announced'
    return el('li', { class: `${sure ? 'sure' : 'unsure'}${row.freeze ? ' frozen' : ''}`, title: kindOf(row) },
      el('b', {}, month(row.month, 'short')), el('span', {}, ` by ${plainDay(row.restart_by).slice(0, -5)}`),
      row.freeze ? el('span', { class: 'mark' }, 'freeze ', said(row.freeze)) : el('span', {}, row.status))
  }

  function freezeItem(f) {
    return el('article', { class: 'row' }, el('h3', {}, said(f.reason ?? f.id), ' ', el('span', { class: 'away' }, f.from <= fleet.today ? 'now' : away(f.from))),
      el('p', {}, `${day(f.from)} to ${day(f.to)}`),
      el('p', { class: 'note' }, said(f.id), ': ', ...namesOf(f.tracks, 'all tracks'), '; ', ...(f.rings.length ? [f.rings.length > 1 ? 'rings ' : 'ring ', ...list(f.rings.map(said))] : ['all rings'])))
  }

  const kinds = { baseline: 'restarts only', hotpatch: 'hotpatches only' }

  function feedItem(feed) {
    const rotate = el('button', { type: 'button', 'aria-label': `Rotate the address of ${feed.title}` }, 'Rotate')
    const revoke = el('button', { type: 'button', 'aria-label': `Revoke ${feed.title}` }, 'Revoke')
    rotate.addEventListener('click', () => attempt(() => rotateFeed(feed)))
    revoke.addEventListener('click', () => attempt(() => revokeFeed(feed)))
    const what = [feed.kind && kinds[feed.kind], feed.alarm && `alarm ${feed.alarm} before`, feed.style === 'timed' ? 'timed' : 'all day'].filter(Boolean)
    return el('article', { class: 'row feed' }, el('h3', {}, said(feed.title)),
      el('p', {}, ...namesOf(feed.tracks, 'All tracks'), '; ', ...(feed.rings.length ? [feed.rings.length > 1 ? 'rings ' : 'ring ', ...list(feed.rings.map(said))] : ['no rings']), '; ', what.join(', ')),
      el('p', { class: 'note' }, said(feed.id), ': ', feed.last_fetched_on
        ? `last fetched by ${feed.last_fetched_by} on ${day(feed.last_fetched_on)}; ${count(feed.fetches, 'time')} in 90 days`
        : 'not fetched at its present address in the last 90 days'),
      el('p', { class: 'act' }, rotate, ' ', revoke))
  }

  // Doing.

  // attempt runs what may be refused, and says so in the API's words. A second click while
  // it runs does nothing: a new address would end the one that is on its way.
  async function attempt(what, at = 'alert') {
    if (busy === visit) return
    const mine = busy = visit
    $(at).textContent = ''
    document.body.setAttribute('aria-busy', 'true')
    try {
      await what()
    } catch (error) {
      if (mine !== visit) return
      if (error.status === 401) signOut()
      $(error.status === 401 ? 'alert' : at).textContent = error.message
      if (!(error instanceof Refused)) throw error
    } finally {
      if (busy === mine) busy = 0
      document.body.setAttribute('aria-busy', busy > 0)
    }
  }

  async function signIn(given, keep) {
    visit++
    token = given
    let loaded = false
    await attempt(async () => {
      // fetch would not say that no header can carry it.
      if (!/^[\x21-\x7e]+$/.test(token)) throw new Refused('This is no token: it has a space, or a letter that no token has.')
      loaded = await load()
    })
    if (token !== given) return // signed out, or in again
    if (!loaded) token = ''
    store(loaded && keep ? token : '')
    signedIn(loaded)
  }

  function signedIn(yes) {
    $('signin').hidden = yes
    $('fleet').hidden = $('who').hidden = !yes
    if (yes) $('token').value = ''
  }

  function signOut() {
    visit++
    token = ''
    fleet = {}
    keys.clear()
    store('')
    hideAddress()
    $('sure').close()
    $('create').reset()
    $('token').value = ''
    faults([])
    for (const id of ['ring-list', 'freeze-list', 'feed-list', 'track-checks', 'ring-checks']) $(id).replaceChildren()
    signedIn(false)
    $('token').focus()
  }

  // Where the browser keeps nothing for a page, the token stays in memory.
  function store(value) {
    try {
      if (value) sessionStorage.setItem(kept, value)
      else sessionStorage.removeItem(kept)
    } catch { /* nothing is kept */ }
  }

  function stored() {
    try { return sessionStorage.getItem(kept) } catch { return null }
  }

  async function create() {
    const value = (name) => $('feed-' + name).value.trim()
    const id = value('id')
    const feed = {
      title: value('title'), tracks: checked('track-checks'), rings: checked('ring-checks'),
      kind: value('kind') || null, alarm: value('alarm') || null, style: value('style'),
    }
    faults([])
    if (!id) return faults([{ pointer: '/id', detail: 'there is none: want 1 to 64 of a-z, 0-9 and -' }])
    const mine = visit
    let made
    try {
      made = await write('PUT', 'feeds/' + encodeURIComponent(id), JSON.stringify(feed), { 'If-None-Match': '*' })
    } catch (error) {
      if (mine !== visit) return
      if (error.status === 412) error.errors = [{ pointer: '/id', detail: `there is a feed ${id} already: want another id` }]
      if (!error.errors.length) throw error
      return faults(error.errors)
    }
    if (mine !== visit) return
    $('create').reset()
    $('new').open = false
    showAddress(`The address of ${feed.title}`, made.url)
    await load()
  }

  // faults shows each at the field that its pointer leads to.
  function faults(errors) {
    const at = {}
    for (const fault of errors) {
      const name = fields.find((name) => fault.pointer?.split('/')[1] === name) ?? 'rest'
      at[name] = [...(at[name] ?? []), fault]
    }
    for (const name of fields) {
      $(`feed-${name}-error`).textContent = (at[name] ?? []).map((e) => e.detail).join('; ')
      for (const input of inputs(name)) input.setAttribute('aria-invalid', name in at)
    }
    $('create-alert').textContent = (at.rest ?? []).map((e) => `${e.parameter ?? e.pointer ?? ''} ${e.detail}`.trim()).join('; ')
    const wrong = fields.find((name) => name in at)
    if (wrong) inputs(wrong)[0]?.focus()
  }

  const inputs = (name) => [...($('feed-' + name).matches('fieldset') ? $('feed-' + name).querySelectorAll('input') : [$('feed-' + name)])]

  async function rotateFeed(feed) {
    const mine = visit
    if (!await sure('Rotate', feed, 'The old address ends at once: every calendar that has it stays empty until it gets the new one.')) return
    const made = await write('POST', `feeds/${encodeURIComponent(feed.id)}/rotate`)
    if (mine !== visit) return
    showAddress(`The new address of ${feed.title}`, made.url)
    await load()
  }

  async function revokeFeed(feed) {
    if (!await sure('Revoke', feed, 'Its address ends at once, for every calendar that has it, and does not come back.')) return
    await write('DELETE', 'feeds/' + encodeURIComponent(feed.id))
    hideAddress()
    tell(`Revoked ${feed.title}`)
    if (await load()) $('feeds-h').focus()
  }

  // sure asks, and returns whether the answer was yes.
  function sure(verb, feed, what) {
    const dialog = $('sure')
    $('sure-h').replaceChildren(verb, ' ', said(feed.title), '?')
    $('sure-what').textContent = what
    $('sure-yes').textContent = verb
    dialog.returnValue = ''
    dialog.showModal()
    return new Promise((resolve) => dialog.addEventListener('close', () => resolve(dialog.returnValue === 'yes'), { once: true }))
  }

  function showAddress(title, url) {
    $('address-h').replaceChildren(said(title))
    $('address-https').textContent = url
    const webcal = url.replace(/^https?:/, 'webcal:')
    $('address-webcal').textContent = webcal
    if (webcal.startsWith('webcal://')) $('address-webcal').href = webcal
    $('address').hidden = false
    $('address-h').focus()
  }

  function hideAddress() {
    for (const id of ['address-h', 'address-https', 'address-webcal']) $(id).replaceChildren()
    $('address-webcal').removeAttribute('href')
    $('address').hidden = true
  }

  let forgetting = 0 // what was said last is not cut short by what was said before

  function tell(text) {
    $('said').textContent = text
    clearTimeout(forgetting)
    forgetting = setTimeout(() => { $('said').textContent = '' }, 2000)
  }

  async function copy(button) {
    const what = $(button.dataset.copies)
    let done = 'Copied'
    try {
      await navigator.clipboard.writeText(what.textContent)
    } catch {
      getSelection().selectAllChildren(what) // no clipboard without https: mark it instead
      done = 'Marked'
    }
    button.textContent = done
    tell(done)
    setTimeout(() => { button.textContent = 'Copy' }, 2000)
  }

  function submitted(id, what) {
    $(id).addEventListener('submit', (event) => {
      event.preventDefault()
      what()
    })
  }

  submitted('signin', async () => {
    await signIn($('token').value.trim(), $('keep').checked)
    if (token) $('top').focus() // what had the focus is gone
  })
  submitted('create', () => attempt(create, 'create-alert'))
  $('signout').addEventListener('click', () => {
    $('alert').textContent = ''
    signOut()
  })
  $('reload').addEventListener('click', () => attempt(async () => {
    if (await load()) tell('Read again')
  }))
  $('address-done').addEventListener('click', () => {
    hideAddress()
    $('feeds-h').focus()
  })
  for (const button of document.querySelectorAll('[data-copies]')) button.addEventListener('click', () => copy(button))

  // A page that is left may come back as it was.
  addEventListener('pagehide', () => {
    if (!stored()) signOut()
  })

  if (stored()) signIn(stored(), true)
  else signedIn(false)
})()
