import { advise } from '../../api.js'
import { createJsonView } from '../json/json-view.js'
import { element, momentText } from '../parts/dom.js'
import { words } from './words.js'

/** What a delivery tells, and each attempt at it: asked for when it is unfolded. */
export function createDetails({ id, source }) {
  const body = element('div', { className: 'attempts' })
  const summary = element('summary', { textContent: words('details') })
  const details = element('details', {}, summary, body)
  let shown
  details.addEventListener('toggle', () => {
    if (details.open) void load()
  })

  async function load() {
    try {
      const { log, told } = await source.details(id)
      body.replaceChildren(
        ...(told ? [title(words('told')), createJsonView(told, words('told'))] : []),
        title(words('attempts')),
        ...(log.length > 0 ? log.toReversed().flatMap(describe) : [nothing()]),
      )
    } catch (error) {
      body.replaceChildren(element('p', { className: 'notice bad', textContent: advise(error) }))
    }
  }

  return {
    element: details,
    /** Looks again where something has happened since. */
    show({ attempts, state, event }) {
      summary.setAttribute('aria-label', words('detailsOf', { event }))
      const now = `${state} ${attempts}`
      if (details.open && now !== shown) void load()
      shown = now
    },
  }
}

function title(textContent) {
  return element('h3', { textContent })
}

function describe({ at, latencyMs, status, request, answer }) {
  const heading = element('h4', {
    textContent: words('attempt', {
      moment: momentText(at),
      outcome: status ? words('withStatus', { status }) : words('noAnswer'),
      latencyMs,
    }),
  })
  // Of one that succeeded at once nothing else is kept, unless the server is told to.
  if (!request && !answer) return [heading]
  return [
    heading,
    element('p', { className: 'hint', textContent: words('sent') }),
    ...bodyOf(request),
    element('p', { className: 'hint', textContent: words('answer') }),
    answer
      ? createJsonView(answer, words('answer'))
      : element('p', { className: 'hint', textContent: words('empty') }),
  ]
}

/** A form is shown field by field; the field with the event is JSON. What was cut off inside an escape stays as it is. */
function bodyOf(request) {
  if (!/^(instanceName|jsonData|token)=/.test(request)) return [createJsonView(request, words('sent'))]
  return [...new URLSearchParams(request)].map(([name, value]) => createJsonView(value, name))
}

function nothing() {
  return element('p', { className: 'hint', textContent: words('nothingSent') })
}
