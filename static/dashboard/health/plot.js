import { language, numberText } from '../../language.js'
import { setText } from '../../page.js'
import { element, freshId } from '../parts/dom.js'
import { loadScript } from '../parts/scripts.js'
import { loadStyle } from '../parts/styles.js'
import { words } from './words.js'

const VENDOR = new URL('../../../vendor/uplot/', import.meta.url)
const HEIGHT = 180
/** Lines differ in more than their colour: by the pattern of their strokes as well. */
const TONES = {
  first: { color: '--accent', dash: [] },
  second: { color: '--waiting', dash: [7, 4] },
  bad: { color: '--bad', dash: [2, 3] },
}

/**
 * A plot of some figures over time, with what it shows as a sentence and as a table.
 * @param {object} given
 * @param {string} given.heading tag of the title: `h2`, `h4`
 * @param {string} given.title
 * @param {(step: string) => string} given.caption what is shown, by steps of what length
 * @param {(total: object) => string} given.summary the figures of the whole time in a sentence
 * @param {{name: string, tone: keyof typeof TONES, figureOf: (point: object) => number | undefined}[]} given.lines
 * @returns {{element: HTMLElement, show: (series: object) => Promise<void>, close: () => void}}
 */
export function createPlot({ heading, title, caption, summary, lines }) {
  let plot
  let isClosed = false
  let series
  const id = freshId('plot')
  const sentence = element('p', { className: 'plot-summary' })
  const what = element('p', { className: 'hint' })
  const picture = element('div', { className: 'plot', attributes: { role: 'img' }, aria: { labelledby: id } })
  const pointed = element('p', { className: 'plot-pointed hint', aria: { hidden: 'true' } })
  const table = createTable(title, lines)
  const figure = element(
    'figure',
    { className: 'card plot-card' },
    element(
      'figcaption',
      {},
      element(heading, { id, className: 'plot-title', textContent: title }),
      sentence,
      what,
    ),
    picture,
    legend(lines),
    pointed,
    table.element,
  )
  const watch = watchLook(picture, () => plot, resize)

  async function show(next) {
    series = next
    setText(sentence, summary(series.total))
    setText(what, caption(words(series.stepSeconds === 60 ? 'stepMinute' : 'stepHour')))
    table.show(series)
    const data = [
      series.points.map(({ at }) => at / 1000),
      ...lines.map(({ figureOf }) => series.points.map((point) => figureOf(point) ?? null)),
    ]
    if (plot) return plot.setData(data)
    await Promise.all([
      loadStyle(new URL('uPlot.min.css', VENDOR).href),
      loadScript(new URL('uPlot.iife.min.js', VENDOR)),
    ])
    if (isClosed) return
    if (plot) plot.setData(data)
    else plot = new window.uPlot(options(), data, picture)
  }

  function options() {
    const axis = {
      stroke: () => colorOf('--muted'),
      grid: { stroke: () => colorOf('--line'), width: 1 },
      ticks: { stroke: () => colorOf('--line'), width: 1 },
      font: '12px system-ui',
    }
    return {
      width: widthOf(picture),
      height: HEIGHT,
      legend: { show: false },
      cursor: { drag: { x: false, y: false }, y: false },
      scales: { y: { range: (_plot, _min, max) => [0, Math.max(1, max * 1.1)] } },
      series: [
        {},
        ...lines.map(({ name, tone }) => ({
          label: name,
          stroke: () => colorOf(TONES[tone].color),
          dash: TONES[tone].dash,
          width: 2,
          points: { size: 5, filter: alonePoints },
        })),
      ],
      axes: [
        {
          ...axis,
          space: 70,
          values: (_plot, seconds) => seconds.map((at) => timeText(at * 1000, series.span)),
        },
        {
          ...axis,
          size: 56,
          incrs: [1, 2, 5].flatMap(tenfold).sort((a, b) => a - b),
          values: (_plot, numbers) => numbers.map(numberText),
        },
      ],
      hooks: { setCursor: [({ cursor }) => setText(pointed, pointText(cursor.idx))] },
    }
  }

  function pointText(index) {
    const point = series.points[index]
    if (!point) return ''
    const values = lines.flatMap(({ name, figureOf }) => {
      const value = figureOf(point)
      return value === undefined ? [] : [`${name} ${numberText(value)}`]
    })
    return `${timeText(point.at, 'week')}: ${values.join(', ')}`
  }

  function resize(width) {
    plot?.setSize({ width, height: HEIGHT })
  }

  return {
    element: figure,
    show,
    close() {
      isClosed = true
      watch.stop()
      plot?.destroy()
    },
  }
}

/** Where points are too close to be drawn: those without a neighbour, which no line shows. */
function alonePoints(plot, line, areDrawn) {
  if (areDrawn) return null
  const values = plot.data[line]
  return [...values.keys()].filter(
    (at) => values[at] !== null && values[at - 1] == null && values[at + 1] == null,
  )
}

function tenfold(step) {
  return Array.from({ length: 9 }, (_, power) => step * 10 ** power)
}

/** The key to the lines, for those who see them. */
function legend(lines) {
  return element(
    'ul',
    { className: 'plot-legend', aria: { hidden: 'true' } },
    lines.map(({ name, tone }) => element('li', { dataset: { tone } }, name)),
  )
}

/** The same numbers for those who do not see the plot, or want them exactly. */
function createTable(title, lines) {
  const body = element('tbody')
  const nothing = element('p', { className: 'hint', textContent: words('nothing') })
  const table = element(
    'table',
    { className: 'figures' },
    element('caption', { className: 'unseen', textContent: title }),
    element(
      'thead',
      {},
      element(
        'tr',
        {},
        [words('columnTime'), ...lines.map(({ name }) => name)].map((textContent) =>
          element('th', { textContent, scope: 'col' }),
        ),
      ),
    ),
    body,
  )
  const scroll = element(
    'div',
    { className: 'figures-scroll', tabIndex: 0, attributes: { role: 'region' }, aria: { label: title } },
    table,
  )
  const hint = element('p', { className: 'hint', textContent: words('rowsHidden') })
  return {
    element: element(
      'details',
      {},
      element('summary', { textContent: words('numbers') }),
      nothing,
      scroll,
      hint,
    ),
    show({ points }) {
      const busy = points.filter((point) => lines.some(({ figureOf }) => figureOf(point) > 0)).reverse()
      nothing.hidden = busy.length > 0
      scroll.hidden = busy.length === 0
      hint.hidden = busy.length === 0
      body.replaceChildren(
        ...busy.map((point) =>
          element(
            'tr',
            {},
            element('th', { scope: 'row', textContent: timeText(point.at, 'week') }),
            lines.map(({ figureOf }) => element('td', { textContent: numberText(figureOf(point) ?? 0) })),
          ),
        ),
      )
    },
  }
}

/** Follows the width of a plot, and the colours of the page. */
function watchLook(picture, plot, resize) {
  const sizes = new ResizeObserver(() => resize(widthOf(picture)))
  sizes.observe(picture)
  const redraw = () => plot()?.redraw()
  const themes = new MutationObserver(redraw)
  themes.observe(document.documentElement, { attributeFilter: ['data-theme'] })
  const system = matchMedia('(prefers-color-scheme: dark)')
  system.addEventListener('change', redraw)
  return {
    stop() {
      sizes.disconnect()
      themes.disconnect()
      system.removeEventListener('change', redraw)
    },
  }
}

function widthOf(picture) {
  return Math.max(200, Math.floor(picture.clientWidth))
}

function colorOf(variable) {
  return getComputedStyle(document.documentElement).getPropertyValue(variable).trim()
}

/** The time of a day, with the day where it is not said otherwise which one. */
function timeText(at, span) {
  const time = { hour: 'numeric', minute: '2-digit' }
  const day = { day: 'numeric', month: 'short' }
  return new Date(at).toLocaleString(language(), span === 'week' ? { ...day, ...time } : time)
}
