import { setText } from '../../page.js'
import { createCallCard } from '../calls/call-card.js'
import { createCallRow } from '../calls/call-row.js'
import { describeEnd } from '../calls/call-texts.js'
import { createContactCall } from '../calls/contact-call.js'
import { words } from '../calls/words.js'
import { element, noticeElement } from '../parts/dom.js'
import { createForm } from '../parts/form.js'
import { poll } from '../parts/poll.js'
import { createRows } from '../parts/rows.js'
import { createSearchedRows } from '../parts/searched-rows.js'

const LIST_PAUSE_MS = 15_000
const FIELDS = [
  {
    name: 'to',
    label: words('numberLabel'),
    kind: 'tel',
    required: true,
    input: { placeholder: '4915112345678', inputMode: 'tel' },
  },
  {
    name: 'filters',
    label: words('filters'),
    kind: 'check',
  },
  { name: 'listensOnly', label: words('listensOnly'), kind: 'check' },
]

export function openCalls({ id, admin, server, desk, askUser, currentUser }) {
  const phone = desk.phoneOf(id)
  const live = element('ul', { className: 'call-cards', aria: { label: words('callsGoingOn') } })
  const cards = createRows(live, () => createCallCard({ phone }))
  const quiet = element('p', { className: 'hint' })
  const off = element('p', { className: 'card call-off', hidden: true, textContent: words('switchedOff') })
  const form = createForm({
    fields: FIELDS,
    submit: words('call'),
    before: [element('h3', { textContent: words('callNumber') })],
    async run({ to }) {
      await phone.call(to.replace(/^\+/, ''))
      return ''
    },
  })
  form.fill({ filters: true })
  for (const name of ['filters', 'listensOnly'])
    form.fields[name].control.addEventListener('change', () => takeWays())
  takeWays()
  const simulated =
    server.network === 'sandbox' && admin && createContactCall({ admin, numberOf: () => currentUser().jid })
  const notice = noticeElement()
  const none = element('p', { className: 'hint', hidden: true, textContent: words('noCalls') })
  const rows = createSearchedRows({
    className: 'call-rows',
    label: words('searchCalls'),
    placeholder: words('searchCallsHint'),
    wordsOf: ({ name, peer }) => `${name} ${peer}`,
    createRow: createCallRow,
  })
  let shownState = ''
  // It is the user's token, which may have been changed a moment ago; nobody is signed out for it.
  const list = poll({ look, notice, onUnknownToken: () => {} })
  const stopListening = desk.listen((_phone, whose) => whose === id && show())
  show()

  function takeWays() {
    phone.setWays({ filters: form.fields.filters.value, listensOnly: form.fields.listensOnly.value })
  }

  async function look(signal) {
    const { calls } = await askUser('parley/calls', { signal }).catch((error) => {
      // Nobody is linked, and what was before is not told.
      if (/no session/i.test(error.message)) return { calls: [] }
      throw error
    })
    const past = calls.filter(({ isOwn, state }) => !isOwn || state === 'ended')
    none.hidden = past.length > 0
    rows.show(past)
    return LIST_PAUSE_MS
  }

  function show() {
    const isOff = phone.isOn === false
    off.hidden = !isOff
    form.element.hidden = isOff
    if (simulated) simulated.element.hidden = isOff
    const hadFocus = live.contains(document.activeElement)
    cards.show(phone.calls)
    live.hidden = phone.calls.length === 0
    if (hadFocus && !live.contains(document.activeElement)) form.fields.to.control.focus()
    setText(quiet, isOff || phone.calls.length > 0 ? '' : quietText(phone))
    quiet.hidden = quiet.textContent === ''
    const state = phone.calls.map((call) => call.id).join()
    if (state !== shownState) list.now()
    shownState = state
  }

  return {
    elements: [
      element('p', { className: 'hint call-caution', textContent: words('caution') }),
      off,
      quiet,
      live,
      form.element,
      simulated?.element,
      element(
        'section',
        { className: 'call-list', aria: { labelledby: 'call-list-title' } },
        element('h3', { id: 'call-list-title', textContent: words('lastDays') }),
        notice,
        none,
        rows.elements,
        element('p', {
          className: 'hint',
          textContent: words('lastDaysHint'),
        }),
      ),
    ].filter(Boolean),
    close() {
      list.stop()
      stopListening()
      if (simulated) simulated.close()
    },
  }
}

function quietText({ reach, ended }) {
  if (reach === 'asking') return words('asking')
  if (reach === 'no session') return words('noSession')
  // What is wrong is told by what else is asked.
  if (reach !== 'reached') return ''
  return ended ? describeEnd(ended) : words('nobodyCalls')
}
