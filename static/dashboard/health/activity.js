import { setText } from '../../page.js'
import { createChoices } from '../parts/choices.js'
import { element, noticeElement } from '../parts/dom.js'
import { poll } from '../parts/poll.js'
import { createPlot } from './plot.js'
import { words } from './words.js'

/** The server writes its figures every ten seconds; longer spans change slowly. */
const PAUSE_MS = { hour: 10_000, day: 60_000, week: 60_000 }

/**
 * Messages, and requests to webhooks with how long they took, over an hour, a day or a week.
 * @param {object} given
 * @param {string} given.heading tag of the titles of the plots
 * @param {(span: string, signal: AbortSignal) => Promise<object>} given.read the figures of a span
 */
export function createActivity({ heading, read, onUnknownToken }) {
  const notice = noticeElement()
  const spans = createChoices({
    label: words('span'),
    options: { hour: words('spanHour'), day: words('spanDay'), week: words('spanWeek') },
    onChange: () => polling.now(),
  })
  const plots = [messagesPlot(heading), requestsPlot(heading), latencyPlot(heading)]
  const fresh = element('p', { className: 'hint', textContent: words('asking') })
  const polling = poll({ look, notice, onUnknownToken })

  async function look(signal) {
    const series = await read(spans.value(), signal)
    await Promise.all(plots.map((plot) => plot.show(series)))
    setText(fresh, words('refreshed'))
    return PAUSE_MS[series.span]
  }

  return {
    element: element(
      'div',
      { className: 'activity' },
      spans.element,
      notice,
      plots.map((plot) => plot.element),
      fresh,
    ),
    close() {
      polling.stop()
      for (const plot of plots) plot.close()
    },
  }
}

function messagesPlot(heading) {
  return createPlot({
    heading,
    title: words('messages'),
    caption: (step) => words('messagesCaption', { step }),
    summary: ({ received, sent, failed }) => words('messagesSummary', { received, sent, failed }),
    lines: [
      { name: words('received'), tone: 'first', figureOf: ({ received }) => received },
      { name: words('sent'), tone: 'second', figureOf: ({ sent }) => sent },
      { name: words('failed'), tone: 'bad', figureOf: ({ failed }) => failed },
    ],
  })
}

function requestsPlot(heading) {
  return createPlot({
    heading,
    title: words('requests'),
    caption: (step) => words('requestsCaption', { step }),
    summary: ({ attempts, failures }) => words('requestsSummary', { attempts, failures }),
    lines: [
      { name: words('taken'), tone: 'first', figureOf: ({ attempts, failures }) => attempts - failures },
      { name: words('refused'), tone: 'bad', figureOf: ({ failures }) => failures },
    ],
  })
}

function latencyPlot(heading) {
  return createPlot({
    heading,
    title: words('latency'),
    caption: (step) => words('latencyCaption', { step }),
    summary: ({ p50Ms: p50, p95Ms: p95 }) =>
      p50 === undefined ? words('latencyNone') : words('latencySummary', { p50, p95 }),
    lines: [
      { name: words('p50'), tone: 'first', figureOf: ({ p50Ms }) => p50Ms },
      { name: words('p95'), tone: 'second', figureOf: ({ p95Ms }) => p95Ms },
    ],
  })
}
