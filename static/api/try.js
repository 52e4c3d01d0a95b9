import { element, freshId, noticeElement } from '../dashboard/parts/dom.js'
import { words } from './words.js'

/** Longer answers would make the page slow. */
const MAX_SHOWN = 50_000

/** The form that sends a request to this server. `onChange` is called whenever something in it was changed. */
export function createTry(request, onChange) {
  const answer = element('pre', {
    className: 'code',
    tabIndex: 0,
    hidden: true,
    aria: { label: words('answerOf', { status: '' }) },
  })
  const notice = noticeElement()
  const files = new Map()
  const body = element('div', { className: 'stack' })
  const form = element(
    'form',
    { className: 'stack', on: { submit: (event) => void send(event) } },
    element('p', { className: 'hint', textContent: words('tryHint') }),
    request.parameters.map((parameter) => parameterField(parameter)),
    request.ways.length > 1 && wayField(),
    body,
    element('button', { type: 'submit', className: 'primary', textContent: words('send') }),
    notice,
    answer,
  )
  writeBody()
  return element(
    'details',
    { className: 'card try' },
    element('summary', { textContent: words('try') }),
    form,
  )

  function parameterField({ name, required }) {
    const { label, input } = textField(name, request.values.get(name), (value) =>
      request.values.set(name, value),
    )
    input.required = required
    return [label, input]
  }

  function wayField() {
    const id = freshId('way')
    const choice = element('select', {
      id,
      on: {
        change: () => {
          request.way = choice.value
          writeBody()
          onChange()
        },
      },
    })
    choice.append(new Option('JSON', 'json'), new Option(words('form'), 'form'))
    return [element('label', { htmlFor: id, textContent: words('bodyAs') }), choice]
  }

  function writeBody() {
    if (request.way === 'json') {
      const id = freshId('body')
      const area = element('textarea', {
        id,
        rows: 8,
        className: 'code',
        spellcheck: false,
        value: request.json,
        on: { input: () => changed(() => (request.json = area.value)) },
      })
      body.replaceChildren(element('label', { htmlFor: id, textContent: words('body') }), area)
    } else body.replaceChildren(...request.parts.flatMap(partField))
  }

  function partField(part) {
    const { label, input } = textField(part.name, part.isFile ? '' : part.value, (value) => {
      if (!part.isFile) part.value = value
    })
    if (part.isFile) {
      input.type = 'file'
      input.onchange = () => {
        const [file] = input.files
        files.set(part.name, file)
        changed(() => (part.value = file?.name ?? ''))
      }
    }
    return [label, input]
  }

  function textField(name, value, keep) {
    const id = freshId('field')
    const input = element('input', { id, value, on: { input: () => changed(() => keep(input.value)) } })
    return { label: element('label', { htmlFor: id, textContent: name }), input }
  }

  function changed(change) {
    change()
    onChange()
  }

  async function send(event) {
    event.preventDefault()
    const startedAt = performance.now()
    notice.textContent = words('sending')
    const { headers, body: sent } = bodyOf(request, files)
    const response = await fetch(request.address(), {
      method: request.method,
      headers: { ...request.headers(), ...headers },
      body: sent,
      cache: 'no-store',
      credentials: 'omit',
    }).catch(() => undefined)
    if (!response) {
      notice.textContent = words('unreachable')
      return
    }
    const text = await textOf(response)
    answer.textContent = text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}\n...` : text
    answer.hidden = text === ''
    notice.textContent = words('answered', {
      status: String(response.status),
      count: Math.round(performance.now() - startedAt),
    })
  }
}

function bodyOf({ way, json, parts }, files) {
  if (way === 'json') return { headers: { 'Content-Type': 'application/json' }, body: json }
  if (way !== 'form') return { headers: {} }
  const form = new FormData()
  for (const { name, value, isFile } of parts) {
    const content = isFile ? files.get(name) : value
    if (content) form.set(name, content)
  }
  return { headers: {}, body: form }
}

/** JSON as a person reads it; of a file what it is. */
async function textOf(response) {
  const type = response.headers.get('Content-Type') ?? ''
  if (!/json|text|xml|yaml/.test(type)) return `${type}, ${(await response.arrayBuffer()).byteLength} bytes`
  const text = await response.text()
  try {
    return JSON.stringify(JSON.parse(text), undefined, 2)
  } catch {
    return text
  }
}
