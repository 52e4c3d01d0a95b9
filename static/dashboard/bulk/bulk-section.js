import { element, noticeElement } from '../parts/dom.js'
import { createForm } from '../parts/form.js'
import { poll } from '../parts/poll.js'
import { createRows } from '../parts/rows.js'
import { createJobCard } from './job-card.js'
import { words } from './words.js'

const PATH = 'parley/me/bulk'
/** Pauses between two looks: shorter while something is being sent. */
const RUNNING_PAUSE_MS = 1_500
const CALM_PAUSE_MS = 5_000
/** So many of the newest jobs are asked about one by one. */
const DETAILED = 10
const USUAL = { perMinute: 6, perDay: 500 }

const FIELDS = [
  { name: 'name', label: words('name'), required: true, hint: words('nameHint'), input: { maxLength: 255 } },
  {
    name: 'csv',
    label: words('table'),
    kind: 'file',
    required: true,
    hint: words('tableHint'),
    input: { accept: '.csv,text/csv' },
  },
  {
    name: 'template',
    label: words('template'),
    kind: 'area',
    hint: words('templateHint', { name: '{name}' }),
  },
  {
    name: 'perMinute',
    label: words('perMinute'),
    kind: 'number',
    required: true,
    hint: words('perMinuteHint'),
    input: { min: 1, max: 60, step: 1 },
  },
  {
    name: 'perDay',
    label: words('perDay'),
    kind: 'number',
    required: true,
    hint: words('perDayHint'),
    input: { min: 1, max: 10_000, step: 1 },
  },
]

/** Messages to many people: a table is checked, then sent at a pace; each job with its progress and its report. */
export function openBulk({ askUser, onUnknownToken }) {
  const notice = noticeElement()
  const form = createForm({
    fields: FIELDS,
    submit: words('check'),
    run: check,
    before: [element('p', { className: 'hint', textContent: words('about') })],
  })
  form.fill(USUAL)
  const list = element('div', { className: 'bulk-jobs' })
  const cards = createRows(list, ({ id }) =>
    createJobCard({ id, ask: askJob, onChanged: () => polling.now() }),
  )
  const polling = poll({ look, notice, onUnknownToken })

  /** Asks about one job. */
  function askJob(id, rest = '', options = {}) {
    return askUser(`${PATH}/${encodeURIComponent(id)}${rest}`, options)
  }

  async function look(signal) {
    const { jobs } = await askUser(PATH, { signal })
    // The list does not tell what is wrong with which line, nor how far messages got.
    const told = await Promise.all(
      jobs.map((job, at) => (at < DETAILED ? askJob(job.id, '', { signal }) : job)),
    )
    cards.show(told)
    return jobs.some(({ state }) => state === 'running') ? RUNNING_PAUSE_MS : CALM_PAUSE_MS
  }

  async function check({ csv, ...fields }) {
    const body = new FormData()
    for (const [name, value] of Object.entries(fields)) body.set(name, String(value ?? ''))
    body.set('csv', csv)
    await askUser(PATH, { method: 'POST', body })
    form.fill({ name: '', csv: undefined })
    polling.now()
    return words('checked')
  }

  return { elements: [form.element, notice, list], close: () => polling.stop() }
}
