import { createContactCall } from '../../contact-call.js'
import { setText } from '../../page.js'
import { createCallCard } from '../calls/call-card.js'
import { createCallRow } from '../calls/call-row.js'
import { CAUTION, describeCall, SWITCHED_OFF, whyEnded } from '../calls/words.js'
import { element, noticeElement } from '../parts/dom.js'
import { createForm } from '../parts/form.js'
import { poll } from '../parts/poll.js'
import { createRows } from '../parts/rows.js'
import { createSearchedRows } from '../parts/searched-rows.js'

const LIST_PAUSE_MS = 15_000
const FIELDS = [
  {
    name: 'to',
    label: 'Number, with country code',
    kind: 'tel',
    required: true,
    input: { placeholder: '4915112345678', inputMode: 'tel' },
  },
  {
    name: 'filters',
    label: 'Take echo and noise out of what I say',
    kind: 'check',
  },
  { name: 'listensOnly', label: 'Only listen, without a microphone', kind: 'check' },
]

export const callsSection = {
  name: 'calls',
  title: 'Calls',
  needs: 'parley/calls',
  open({ id, admin, server, desk, askUser, currentUser }) {
    const phone = desk.phoneOf(id)
    const live = element('ul', { className: 'call-cards', aria: { label: 'Calls that go on' } })
    const cards = createRows(live, () => createCallCard({ phone }))
    const quiet = element('p', { className: 'hint' })
    const off = element('p', { className: 'card call-off', hidden: true, textContent: SWITCHED_OFF })
    const form = createForm({
      fields: FIELDS,
      submit: 'Call',
      before: [element('h3', { textContent: 'Call a number' })],
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
      server.network === 'sandbox' && createContactCall({ admin, numberOf: () => currentUser().jid })
    const notice = noticeElement()
    const none = element('p', { className: 'hint', hidden: true, textContent: 'No calls yet.' })
    const rows = createSearchedRows({
      className: 'call-rows',
      label: 'Search calls',
      placeholder: 'Name or number',
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
      setText(quiet, isOff || phone.calls.length > 0 ? '' : quietWords(phone))
      quiet.hidden = quiet.textContent === ''
      const state = phone.calls.map((call) => call.id).join()
      if (state !== shownState) list.now()
      shownState = state
    }

    return {
      elements: [
        element('p', { className: 'hint call-caution', textContent: CAUTION }),
        off,
        quiet,
        live,
        form.element,
        simulated?.element,
        element(
          'section',
          { className: 'call-list', aria: { labelledby: 'call-list-title' } },
          element('h3', { id: 'call-list-title', textContent: 'The last days' }),
          notice,
          none,
          rows.elements,
          element('p', {
            className: 'hint',
            textContent:
              'Calls of the last ten minutes, and older ones as far as their events are kept: those that a webhook or the message queue wanted.',
          }),
        ),
      ].filter(Boolean),
      close() {
        list.stop()
        stopListening()
        if (simulated) simulated.close()
      },
    }
  },
}

function quietWords({ reach, ended }) {
  if (reach === 'asking') return 'Asking the server.'
  if (reach === 'no session')
    return 'The session is not connected, so nobody can call or be called. Press Connect.'
  // What is wrong is told by what else is asked.
  if (reach !== 'reached') return ''
  return ended ? `${describeCall(ended).title}. ${whyEnded(ended)}` : 'Nobody is calling.'
}
