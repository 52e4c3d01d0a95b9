import { advise, ask } from '../../api.js'
import { confirmFirst, sayIn, setText, whileBusy } from '../../page.js'
import { counted, element, freshId, noticeElement } from '../parts/dom.js'
import { createSearchedRows } from '../parts/searched-rows.js'
import { createReportDetails } from './report-details.js'
import { numberText } from './words.js'

/** What becomes of a user, in words. */
const OUTCOMES = {
  ready: 'Can come',
  imported: 'Imported',
  present: 'Here already',
  refused: 'Cannot come',
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
    label: 'Search users',
    placeholder: 'Name or number',
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
    element('label', { htmlFor: stopped.id, textContent: 'The old server is stopped, and stays stopped' }),
    element('p', {
      className: 'hint',
      textContent:
        'It was stopped before its files were copied. Two servers on one phone throw each other out, and both lose messages.',
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
        title: 'Cancel this import?',
        text: 'Nothing was imported. The files are deleted here; the old server keeps its own.',
        yes: 'Delete the files',
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
    setText(allLabel, `All ${counted(can, 'user')} that can come`)
    allLine.hidden = !isReady || can < 2
    meaning.hidden = !isReady || can === 0
    stopped.required = !meaning.hidden
    run.hidden = meaning.hidden
    run.disabled = come === 0
    setText(run, `Import ${counted(come, 'user')}`)
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
      setText(cancel, job.state === 'ready' || job.state === 'reading' ? 'Cancel' : 'Import more')
      showRows()
      showChoice()
    },
  }
}

function titleOf({ state, done, total, reports }) {
  return {
    reading: `Reading: ${done} of ${counted(total, 'user')}`,
    ready: 'What would come',
    importing: `Importing: ${done} of ${counted(total, 'user')}`,
    done: `${counted(reports.filter(({ outcome }) => outcome === 'imported').length, 'user')} imported`,
    failed: 'The import failed',
  }[state]
}

function detailOf({ state, source, reports, failure }) {
  const count = (outcome) => reports.filter((one) => one.outcome === outcome).length
  if (state === 'failed') return `${failure[0].toUpperCase()}${failure.slice(1)}. The files are deleted.`
  if (state === 'done')
    return 'Those that were connected connect now; below is how far each is. The files are deleted.'
  if (state !== 'ready') return 'You may leave this page; its address leads back here.'
  const sentences = [
    `${counted(reports.length, 'user')} from ${source}: ${count('ready')} can come.`,
    count('present') > 0 && `${count('present')} here already.`,
    count('refused') > 0 && `${count('refused')} cannot come.`,
    'Nothing is written yet.',
  ]
  return sentences.filter(Boolean).join(' ')
}

function strayText(devices) {
  const numbers = devices.map(numberText).join(', ')
  return devices.length === 1
    ? `A linked phone belongs to no user and stays behind: ${numbers}.`
    : `${devices.length} linked phones belong to no user and stay behind: ${numbers}.`
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
      setText(name, report.name || 'No name')
      setText(number, numberText(report.device))
      setText(state, isOut ? 'Not imported' : OUTCOMES[report.outcome])
      setText(reason, report.reason && `${report.reason[0].toUpperCase()}${report.reason.slice(1)}.`)
      reason.hidden = report.reason === ''
      details.element.hidden = report.outcome === 'present'
      details.show(report, report.outcome === 'imported')
    },
  }
}
