import { ask } from '../../api.js'
import { listText } from '../../language.js'
import { sayIn, setText } from '../../page.js'
import { element, freshId } from '../parts/dom.js'
import { createField } from '../parts/fields.js'
import { createForm } from '../parts/form.js'
import { sizeText } from './import-texts.js'
import { words } from './words.js'

/**
 * Asks for the files of the old server and has them read.
 * @param {(job: object) => void} given.onBegun gets the import
 */
export function createImportForm({ admin, onBegun }) {
  let offered = { sources: [], maxBytes: 0 }
  /** @type {Map<string, File>} by the name that it has at the old server */
  const chosen = new Map()

  const source = createField({ name: 'source', label: words('source'), kind: 'choice', options: [] })
  source.control.addEventListener('change', showFiles)
  const fileId = freshId('files')
  const input = element('input', {
    type: 'file',
    multiple: true,
    id: fileId,
    on: { change: () => take(input.files) },
  })
  const hint = element('p', { className: 'hint', id: `${fileId}-hint` })
  input.setAttribute('aria-describedby', hint.id)
  const list = element('ul', { className: 'wanted-files', aria: { label: words('files') } })
  const drop = element(
    'div',
    {
      className: 'drop',
      on: {
        dragover: (event) => {
          event.preventDefault()
          drop.classList.add('over')
        },
        dragleave: () => drop.classList.remove('over'),
        drop: (event) => {
          event.preventDefault()
          drop.classList.remove('over')
          take(event.dataTransfer.files)
        },
      },
    },
    element('label', { htmlFor: fileId, textContent: words('itsFiles') }),
    hint,
    input,
    list,
  )
  const form = createForm({
    before: [...source.elements, drop],
    fields: [
      {
        name: 'key',
        label: words('itsKey'),
        kind: 'secret',
        hint: words('optional'),
        input: { className: 'code', maxLength: 255 },
      },
    ],
    submit: words('look'),
    run,
  })
  const keyHint = form.fields.key.elements.at(-1)
  const large = element('p', { className: 'hint' })
  const command = element('pre', { className: 'code' })
  form.element.append(
    element('p', {
      className: 'hint',
      textContent: words('lookHint'),
    }),
    large,
    command,
  )

  function current() {
    return offered.sources.find((one) => one.source === source.value)
  }

  async function run({ key }, tell) {
    const parts = partsToSend()
    tell(words('sending', { size: sizeText(bytesOf(parts)) }))
    const body = new FormData()
    body.set('source', source.value)
    if (key !== '') body.set('key', key)
    for (const [name, file] of parts) body.set(name, file)
    onBegun(await ask('parley/import-jobs', { method: 'POST', admin, body }))
    forget()
    return ''
  }

  /** What keeps the files from being sent; '' when nothing does. */
  function problem() {
    const missing = (current()?.files ?? []).filter(({ name, isRequired }) => isRequired && !chosen.has(name))
    if (missing.length > 0) return words('choose', { files: listText(missing.map(({ name }) => name)) })
    const bytes = bytesOf(partsToSend())
    return bytes > offered.maxBytes
      ? words('tooLarge', { size: sizeText(bytes), most: sizeText(offered.maxBytes) })
      : ''
  }

  function partsToSend() {
    return (current()?.files ?? []).flatMap(({ name }) =>
      chosen.has(name) ? [[name, chosen.get(name)]] : [],
    )
  }

  /** Files that are none of those wanted are named and left out. */
  function take(files) {
    const names = new Set(current()?.files.map(({ name }) => name))
    const odd = [...files].filter(({ name }) => !names.has(name)).map(({ name }) => name)
    for (const file of files) if (names.has(file.name)) chosen.set(file.name, file)
    input.value = ''
    sayIn(form.notice, odd.length > 0 ? words('odd', { names: odd.join(', ') }) : '')
    showFiles()
  }

  function forget() {
    chosen.clear()
    form.fill({ key: '' })
    showFiles()
  }

  function showFiles() {
    const { files = [], folder = '', key = '' } = current() ?? {}
    setText(hint, words('folder', { folder }))
    setText(keyHint, words('keyHint', { key }))
    list.replaceChildren(
      ...files.map(({ name, isRequired }) => {
        const file = chosen.get(name)
        const text = file ? sizeText(file.size) : words(isRequired ? 'notChosen' : 'ifAny')
        return element(
          'li',
          { dataset: { file: file ? 'chosen' : isRequired ? 'missing' : 'optional' } },
          element('span', { className: 'code', textContent: name }),
          element('span', { textContent: text }),
        )
      }),
    )
    setText(large, words('large', { size: sizeText(offered.maxBytes) }))
    setText(
      command,
      `npm run import -- ${source.value} --from /path/to/its/data --dry-run\nnpm run import -- ${source.value} --from postgres://… --dry-run`,
    )
    // The browser says it, and brings the keyboard there, where somebody wants to go on nevertheless.
    input.setCustomValidity(problem())
  }

  return {
    element: form.element,
    notice: form.notice,
    focus: () => input.focus(),
    /** @param {{sources: object[], maxBytes: number}} from what can be uploaded */
    offer(from) {
      offered = from
      source.control.replaceChildren(...from.sources.map((one) => new Option(one.source, one.source)))
      showFiles()
    },
  }
}

function bytesOf(parts) {
  return parts.reduce((sum, [, file]) => sum + file.size, 0)
}
