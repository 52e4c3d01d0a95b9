import { advise, ask } from '../../api.js'
import { confirmFirst, sayIn, setText, whileBusy } from '../../page.js'
import { element, freshId, noticeElement } from '../parts/dom.js'
import { createSearchedRows } from '../parts/searched-rows.js'
import { numberText } from './import-texts.js'
import { createReportDetails } from './report-details.js'
import { words } from './words.js'

/** What becomes of a user, as the key of the words for it. */
const OUTCOMES = {
  ready: 'outcomeReady',
  imported: 'outcomeImported',
  present: 'outcomePresent',
  refused: 'outcomeRefused',
}

/**
 * One import: what was found, who is to come, and how far it is.
 * @param {(job: object) => void} given.onChanged after a step that somebody took
 * @param {() => void} given.onOver when it is forgotten
 */
export function createImportJob({ admin, onChanged, onOver }) {
  let job
  /** Users that were taken out. All others come. */
  const left = new Set()
  const heading = element('h2', { id: 'job-title', tabIndex: -1 })
  const detail = element('p', { className: 'hint', attributes: { role: 'status' } })
  const bar = element('progress', { hidden: true, aria: { labelledby: 'job-title' } })
  const strays = element('p', { className: 'hint', hidden: true })
  const all = element('input', { type: 'checkbox', id: freshId('all'), on: { change: chooseAll } })
  const allLabel = element('label', { htmlFor: all.id })
  const allLine = element('div', { className: 'check' }, all, allLabel)
  const rows = createSearchedRows({
    className: 'import-rows',
    label: words('searchUsers'),
    placeholder: words('searchHint'),
    wordsOf: ({ name, device }) => `${name} ${numberText(device)}`,
    createRow: (report) => createRow(report, { isLeft: (id) => left.has(id), choose }),
  })
  const stopped = element('input', { type: 'checkbox', id: freshId('stopped'), required: true })
  const run = element('button', { type: 'submit', className: 'primary' })
  const cancel = element('button', { type: 'button', on: { click: () => attempt(cancel, end) } })
  const notice = noticeElement()
  const meaning = element(
    'div',
    { className: 'check' },
    stopped,
    element('label', { htmlFor: stopped.id, textContent: words('stopped') }),
    element('p', {
      className: 'hint',
      textContent: words('stoppedHint'),
    }),
  )
  const form = element(
    'form',
    { className: 'stack', on: { submit: begin } },
    meaning,
    element('div', { className: 'actions' }, run, cancel),
    notice,
  )

  function begin(event) {
    event.preventDefault()
    void attempt(run, async () => {
      const users = chosen()
      const isEverybody = users.length === ready().length
      const body = { isStopped: stopped.checked, ...(!isEverybody && { users: users.map(({ id }) => id) }) }
      onChanged(await ask(`${path()}/run`, { method: 'POST', admin, body }))
    })
  }

  async function end() {
    const isLost = job.state === 'ready' || job.state === 'reading'
    const isMeant =
      !isLost ||
      (await confirmFirst({
        title: words('cancelTitle'),
        text: words('cancelText'),
        yes: words('cancelYes'),
      }))
    if (!isMeant) return
    await ask(path(), { method: 'DELETE', admin }).catch((error) => {
      // Its time was over.
      if (error.status !== 404) throw error
    })
    left.clear()
    stopped.checked = false
    onOver()
  }

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

  function path() {
    return `parley/import-jobs/${encodeURIComponent(job.id)}`
  }

  function ready() {
    return job.reports.filter(({ outcome }) => outcome === 'ready')
  }

  function chosen() {
    return ready().filter(({ id }) => !left.has(id))
  }

  function choose(id, isChosen) {
    if (isChosen) left.delete(id)
    else left.add(id)
    showChoice()
  }

  function chooseAll() {
    for (const { id } of ready()) choose(id, all.checked)
    showRows()
  }

  function showChoice() {
    const [can, come] = [ready().length, chosen().length]
    const isReady = job.state === 'ready'
    all.checked = come === can
    all.indeterminate = come > 0 && come < can
    setText(allLabel, words('allUsers', { count: can }))
    allLine.hidden = !isReady || can < 2
    meaning.hidden = !isReady || can === 0
    stopped.required = !meaning.hidden
    run.hidden = meaning.hidden
    run.disabled = come === 0
    setText(run, words('run', { count: come }))
  }

  function showRows() {
    const isOver = job.state === 'done' || job.state === 'failed'
    rows.show(job.reports.map((report) => ({ ...report, isChoice: job.state === 'ready', isOver })))
  }

  return {
    element: element(
      'section',
      { className: 'card import-job', hidden: true, aria: { labelledby: 'job-title' } },
      heading,
      detail,
      bar,
      strays,
      allLine,
      rows.elements,
      form,
    ),
    focus: () => heading.focus(),
    show(current) {
      job = current
      const isAtWork = job.state === 'reading' || job.state === 'importing'
      setText(heading, titleOf(job))
      setText(detail, detailOf(job))
      bar.hidden = !isAtWork
      bar.max = Math.max(job.total, 1)
      bar.value = job.done
      strays.hidden = job.strayDevices.length === 0
      setText(strays, strayText(job.strayDevices))
      cancel.hidden = job.state === 'importing'
      setText(cancel, words(job.state === 'ready' || job.state === 'reading' ? 'cancel' : 'more'))
      showRows()
      showChoice()
    },
  }
}

function titleOf({ state, done, total, reports }) {
  switch (state) {
    case 'reading':
      return words('jobReading', { done, count: total })
    case 'importing':
      return words('jobImporting', { done, count: total })
    case 'done':
      return words('jobDone', { count: reports.filter(({ outcome }) => outcome === 'imported').length })
    default:
      return words(state === 'failed' ? 'jobFailed' : 'jobReady')
  }
}

function detailOf({ state, source, reports, failure }) {
  const count = (outcome) => reports.filter((one) => one.outcome === outcome).length
  if (state === 'failed')
    return words('failedDetail', { failure: `${failure[0].toUpperCase()}${failure.slice(1)}` })
  if (state === 'done') return words('doneDetail')
  if (state !== 'ready') return words('workingDetail')
  const sentences = [
    words('foundReady', { count: reports.length, source, ready: count('ready') }),
    count('present') > 0 && words('foundPresent', { count: count('present') }),
    count('refused') > 0 && words('foundRefused', { count: count('refused') }),
    words('nothingWritten'),
  ]
  return sentences.filter(Boolean).join(' ')
}

function strayText(devices) {
  const numbers = devices.map(numberText).join(', ')
  return words('strays', { count: devices.length, numbers })
}

/** One user of the old server as a line, with a box to take it out. */
function createRow({ id }, { isLeft, choose }) {
  const box = element('input', {
    type: 'checkbox',
    id: freshId('user'),
    on: { change: () => choose(id, box.checked) },
  })
  const name = element('label', { htmlFor: box.id })
  const state = element('span', { className: 'row-state' })
  const number = element('span', { className: 'row-account' })
  const reason = element('p', { className: 'reason' })
  const details = createReportDetails()
  const item = element(
    'li',
    {},
    box,
    element('div', { className: 'row-name' }, name, number),
    state,
    element('div', { className: 'row-report' }, reason, details.element),
  )
  return {
    element: item,
    show(report) {
      const isReady = report.outcome === 'ready'
      const isOut = isReady && !report.isChoice && (report.isOver || isLeft(id))
      item.dataset.outcome = isOut ? 'out' : report.outcome
      box.disabled = !(isReady && report.isChoice)
      box.checked = report.outcome === 'imported' || (isReady && !isOut && !isLeft(id))
      setText(name, report.name || words('noName'))
      setText(number, numberText(report.device))
      setText(state, words(isOut ? 'outcomeOut' : OUTCOMES[report.outcome]))
      setText(reason, report.reason && `${report.reason[0].toUpperCase()}${report.reason.slice(1)}.`)
      reason.hidden = report.reason === ''
      details.element.hidden = report.outcome === 'present'
      details.show(report, report.outcome === 'imported')
    },
  }
}
