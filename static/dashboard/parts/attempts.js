import { advise, ask } from '../../api.js'
import { element, momentText } from './dom.js'

/** The attempts at a delivery: asked for when they are unfolded. */
export function createAttempts({ id, admin }) {
  const body = element('div', { className: 'attempts' })
  const details = element('details', {}, element('summary', { textContent: 'Details' }), body)
  let shown
  details.addEventListener('toggle', () => {
    if (details.open) void load()
  })

  async function load() {
    try {
      const { log } = await ask(`parley/deliveries/${encodeURIComponent(id)}`, { admin })
      body.replaceChildren(...(log.length > 0 ? log.toReversed().flatMap(describe) : [nothing()]))
    } catch (error) {
      body.replaceChildren(element('p', { className: 'notice bad', textContent: advise(error) }))
    }
  }

  return {
    element: details,
    /** Looks again where something has happened since. */
    show({ attempts, state }) {
      details.hidden = attempts === 0
      const now = `${state} ${attempts}`
      if (details.open && now !== shown) void load()
      shown = now
    },
  }
}

function describe({ at, latencyMs, status, request, answer }) {
  const title = element('h3', { textContent: `${momentText(at)}: ${status ?? 'no answer'}, ${latencyMs} ms` })
  // Of one that succeeded at once nothing else is kept, unless the server is told to.
  if (!request && !answer) return [title]
  return [
    title,
    element('p', { className: 'hint', textContent: 'Sent' }),
    element('pre', { className: 'code', textContent: readable(request) }),
    element('p', { className: 'hint', textContent: 'Answer' }),
    element('pre', { className: 'code', textContent: answer || '(empty)' }),
  ]
}

function nothing() {
  return element('p', { className: 'hint', textContent: 'Nothing was sent.' })
}

/** A form is shown field by field. What was cut off in the middle of an escape stays as it is. */
function readable(request) {
  if (!request.startsWith('instanceName=') && !request.startsWith('jsonData=')) return request
  return [...new URLSearchParams(request)].map(([name, value]) => `${name}: ${value}`).join('\n')
}
