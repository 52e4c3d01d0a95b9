import { advise } from '../../api.js'
import { confirmFirst, sayIn, setText, whileBusy } from '../../page.js'
import { element, freshId, momentText, noticeElement } from '../parts/dom.js'
import { sideButton } from '../parts/form.js'
import { words } from './words.js'

/** States of rows after which nothing more is sent. */
const SETTLED = ['sent', 'delivered', 'read', 'failed', 'cancelled']
/** What is told of the rows, in this order. */
const TOLD = ['waiting', 'sending', 'sent', 'delivered', 'read', 'failed', 'invalid', 'cancelled']

/** In which states a job may be asked what. */
const STEPS = {
  start: ['ready'],
  pause: ['running'],
  resume: ['paused'],
  cancel: ['running', 'paused'],
  report: ['ready', 'running', 'paused', 'done', 'cancelled'],
  remove: ['ready', 'paused', 'done', 'cancelled'],
}

/**
 * One job: what it is, how far it is, and what can be done about it.
 * @param {object} given
 * @param {(id: string, rest?: string, options?: object) => Promise<any>} given.ask asks about the job
 * @param {() => void} given.onChanged after a step that somebody took
 */
export function createJobCard({ id, ask, onChanged }) {
  let job
  const title = element('h3', { id: freshId('job') })
  const state = element('p', { className: 'lead-in', attributes: { role: 'status' } })
  const bar = element('progress', { aria: { labelledby: title.id } })
  const counts = element('p', { className: 'hint' })
  const reason = element('p', { className: 'hint' })
  const faults = element('ul', { className: 'bulk-faults' })
  const faultsSummary = element('summary')
  const faulty = element('details', { hidden: true }, faultsSummary, faults)
  const notice = noticeElement()
  const buttons = Object.fromEntries(
    Object.keys(STEPS).map((step) => {
      const button = sideButton(words(`${step}Job`), {
        className: { start: 'primary', resume: 'primary', cancel: 'danger', remove: 'danger' }[step] ?? '',
        hidden: true,
        onclick: () => attempt(button, TAKE[step] ?? (() => take(step))),
      })
      return [step, button]
    }),
  )
  const card = element(
    'section',
    { className: 'card stack', aria: { labelledby: title.id } },
    title,
    state,
    bar,
    counts,
    reason,
    faulty,
    element('div', { className: 'actions' }, Object.values(buttons)),
    notice,
  )

  const TAKE = { start: startIfAgreed, cancel: cancelIfAgreed, remove: removeIfAgreed, report: download }

  function attempt(button, work) {
    return whileBusy(button, async () => {
      sayIn(notice, '')
      try {
        await work()
      } catch (error) {
        sayIn(notice, advise(error))
      }
    })
  }

  async function take(step, body) {
    await ask(id, `/${step}`, { method: 'POST', body })
    onChanged()
  }

  async function startIfAgreed() {
    const { waiting = 0, invalid = 0 } = job.rows
    const agreed = await confirmFirst({
      title: words('startTitle', { count: waiting }),
      text: invalid > 0 ? words('startSkips', { count: invalid }) : words('startText'),
      yes: words('startJob'),
    })
    if (agreed) await take('start', { skipInvalid: true })
  }

  async function cancelIfAgreed() {
    const agreed = await confirmFirst({
      title: words('cancelTitle', { name: job.name }),
      text: words('cancelText'),
      yes: words('cancelJob'),
    })
    if (agreed) await take('cancel')
  }

  async function removeIfAgreed() {
    const agreed = await confirmFirst({
      title: words('removeTitle', { name: job.name }),
      text: words('removeText'),
      yes: words('removeJob'),
    })
    if (!agreed) return
    await ask(id, '', { method: 'DELETE' })
    onChanged()
  }

  async function download() {
    const csv = await ask(id, '/report', { read: (answer) => answer.text() })
    const address = URL.createObjectURL(new Blob([csv], { type: 'text/csv' }))
    element('a', { href: address, download: `${job.name.replace(/[^\p{L}\p{N}_-]+/gu, '-')}.csv` }).click()
    URL.revokeObjectURL(address)
  }

  return {
    element: card,
    show(now) {
      job = now
      const all = Object.entries(now.rows).reduce(
        (sum, [name, count]) => (name === 'invalid' ? sum : sum + count),
        0,
      )
      const settled = SETTLED.reduce((sum, name) => sum + (now.rows[name] ?? 0), 0)
      card.dataset.job = now.state
      setText(title, now.name)
      setText(state, stateText(now, { all, settled }))
      bar.max = Math.max(all, 1)
      bar.value = settled
      setText(
        counts,
        TOLD.filter((name) => now.rows[name])
          .map((name) => words(`${name}Rows`, { count: now.rows[name] }))
          .join(' · '),
      )
      setText(reason, now.reason && words('because', { reason: now.reason }))
      reason.hidden = !now.reason
      showFaults(now)
      showButtons(now)
    },
  }

  function showFaults({ rows, faults: told = [] }) {
    faulty.hidden = told.length === 0
    setText(faultsSummary, words('faulty', { count: rows.invalid ?? 0 }))
    if (faults.childElementCount === told.length) return
    faults.replaceChildren(
      ...told.map(({ line, phone, reason: why }) =>
        element('li', { textContent: words('fault', { line, phone, reason: why }) }),
      ),
    )
  }

  function showButtons(now) {
    const hadFocus = Object.values(buttons).find((button) => button === document.activeElement)
    for (const [step, states] of Object.entries(STEPS)) {
      const isUseless = step === 'start' && !now.rows.waiting
      buttons[step].hidden = !states.includes(now.state) || isUseless
    }
    // What had the focus has just gone.
    if (hadFocus?.hidden)
      Object.values(buttons)
        .find((button) => !button.hidden)
        ?.focus()
  }
}

function stateText({ state, endedAt, nextAt }, { all, settled }) {
  if (state === 'running' && nextAt - Date.now() > 60_000)
    return words('runningLater', { count: settled, all, moment: momentText(nextAt) })
  if (state === 'done' || state === 'cancelled')
    return words(`${state}State`, { moment: momentText(endedAt) })
  if (state === 'ready') return words('readyState', { count: all })
  return words(`${state}State`, { count: settled, all })
}
