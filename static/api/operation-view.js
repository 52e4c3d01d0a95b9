import { element, freshId, noticeElement } from '../dashboard/parts/dom.js'
import { fieldsOf, typeText } from './document.js'
import { createRequest } from './request.js'
import { LANGUAGES } from './samples.js'
import { createTry } from './try.js'
import { words } from './words.js'

const KEPT_LANGUAGE = 'parley.sample'

/** The words for what a key must be able to do. */
const POWERS = { read: 'takesRead', send: 'takesSend', any: 'takesAny', full: 'takesToken' }

/** An operation, or an event, with everything there is to say about it. */
export function operationView(operation, { document, keys }) {
  const request = createRequest(operation, { document, keys })
  const { summary, description, method, path, isEvent } = operation
  const show = samples(request)
  return {
    element: element(
      'article',
      { className: 'operation' },
      element('h1', { textContent: summary }),
      element(
        'p',
        { className: 'route' },
        element('span', {
          className: 'method',
          textContent: isEvent ? words('event') : method.toUpperCase(),
        }),
        ' ',
        element('code', { textContent: isEvent ? path : document.base + path }),
      ),
      description && element('p', { textContent: plain(description) }),
      !isEvent && element('p', { className: 'hint', textContent: keyText(operation, document) }),
      !isEvent && show.element,
      !isEvent && createTry(request, show.write),
      parameters(operation, document),
      ...bodies(operation, document),
      !isEvent && answers(operation, document),
    ),
    /** Writes the samples anew: a key was typed. */
    write: show.write,
  }
}

function keyText(operation, { schemes }) {
  const [name] = operation.security.flatMap((one) => Object.keys(one))
  if (name === undefined) return words('needsNoKey')
  const needed = operation['x-power']
  return [words('needsKey', { header: schemes[name].name }), ...(needed ? [words(POWERS[needed])] : [])].join(
    '. ',
  )
}

function parameters({ parameters = [], isEvent }, { resolve }) {
  if (parameters.length === 0) return undefined
  const fields = parameters.map(({ name, in: place, required, description, schema }) => ({
    name,
    place,
    isRequired: required,
    field: { ...resolve(schema), description },
  }))
  return section(words(isEvent ? 'headers' : 'parameters'), fieldList(fields, resolve))
}

function bodies({ requestBody }, { resolve }) {
  return Object.entries(requestBody?.content ?? {}).map(([type, content]) =>
    section(
      words(isJson(type) ? 'body' : 'form'),
      element('p', { className: 'hint' }, element('code', { textContent: type })),
      fieldList(fieldsOf(content.schema, resolve), resolve),
      exampleOf(content),
    ),
  )
}

/** What a body or an answer looks like, where the document says so. */
function exampleOf({ example, examples }) {
  const shown = example === undefined ? Object.values(examples ?? {}).map(({ value }) => value) : [example]
  return shown.map((value) => codeBlock(JSON.stringify(value, undefined, 2), words('example')))
}

function answers({ responses }, { resolve }) {
  const parts = Object.entries(responses).map(([status, reference]) => {
    const { description, content = {} } = resolve(reference)
    const [found] = Object.values(content)
    return element(
      'details',
      {},
      element('summary', { textContent: `${status}: ${plain(description)}` }),
      found && fieldList(fieldsOf(found.schema, resolve), resolve),
      found && exampleOf(found),
    )
  })
  return section(words('answers'), ...parts)
}

/** Fields with those inside them; deeper ones are folded. */
function fieldList(fields, resolve, depth = 0) {
  if (fields.length === 0) return undefined
  return element(
    'ul',
    { className: 'fields' },
    fields.map(({ name, place, field, isRequired }) => {
      const inner = depth < 8 ? fieldsOf(field, resolve) : []
      const usual = field.default
      return element(
        'li',
        {},
        element('code', { className: 'field-name', textContent: name }),
        ' ',
        element('span', { className: 'field-type', textContent: typeText(field, resolve) }),
        place && ' ',
        place && element('span', { className: 'field-type', textContent: place }),
        isRequired && ' ',
        isRequired && element('strong', { className: 'required', textContent: words('required') }),
        field.description && element('p', { textContent: plain(field.description) }),
        field.enum && element('p', { textContent: words('oneOf', { words: field.enum.join(', ') }) }),
        usual !== undefined &&
          usual !== '' &&
          element('p', { textContent: words('usually', { value: JSON.stringify(usual) }) }),
        inner.length > 0 &&
          element(
            'details',
            {},
            element('summary', { textContent: `${words('fields')}: ${name}` }),
            fieldList(inner, resolve, depth + 1),
          ),
      )
    }),
  )
}

function samples(request) {
  const code = element('code')
  const block = element('pre', { className: 'code', tabIndex: 0, aria: { label: words('sample') } }, code)
  const notice = noticeElement()
  let language = LANGUAGES.find(({ name }) => name === kept()) ?? LANGUAGES[0]
  const buttons = LANGUAGES.map((one) =>
    element('button', {
      type: 'button',
      className: 'quiet',
      textContent: one.title,
      on: {
        click: () => {
          language = one
          keep(one.name)
          write()
        },
      },
    }),
  )
  const copyButton = element('button', {
    type: 'button',
    textContent: words('copy'),
    on: { click: () => copyText() },
  })
  write()
  const group = element(
    'div',
    { className: 'choices', attributes: { role: 'group' }, aria: { label: words('language') } },
    buttons,
  )
  return {
    element: section(
      words('sample'),
      group,
      block,
      element('p', { className: 'actions' }, copyButton),
      notice,
    ),
    write,
  }

  function write() {
    code.textContent = language.write(request.sample())
    buttons.forEach((button, index) => {
      button.setAttribute('aria-pressed', String(LANGUAGES[index] === language))
    })
    notice.textContent = ''
  }

  async function copyText() {
    const isCopied = await navigator.clipboard.writeText(code.textContent).then(
      () => true,
      // Pages without https have no clipboard; browsers still know this way.
      () => copySelected(code),
    )
    notice.textContent = words(isCopied ? 'copied' : 'notCopied')
  }
}

function copySelected(code) {
  getSelection().selectAllChildren(code)
  return document.execCommand('copy')
}

function codeBlock(text, label) {
  return element(
    'pre',
    { className: 'code', tabIndex: 0, aria: { label } },
    element('code', { textContent: text }),
  )
}

function section(title, ...children) {
  const id = freshId('part')
  return element(
    'section',
    { aria: { labelledby: id } },
    element('h2', { id, textContent: title }),
    ...children,
  )
}

/** A description without the marks of Markdown. */
export function plain(text) {
  return text.replaceAll('`', '')
}

function kept() {
  try {
    return localStorage.getItem(KEPT_LANGUAGE)
  } catch {
    return null
  }
}

function keep(name) {
  try {
    localStorage.setItem(KEPT_LANGUAGE, name)
  } catch {
    // Browsers may keep nothing: then it is for this page only.
  }
}

function isJson(type) {
  return type.includes('json')
}
