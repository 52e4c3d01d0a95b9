import { setText } from '../../page.js'
import { element } from '../parts/dom.js'
import { isPicture } from './files.js'
import { kindText } from './message-words.js'
import { kindOfFile } from './requests.js'
import { sizeText } from './times.js'
import { words } from './words.js'

/** More at once would be a mistake of the mouse. */
const MAX_FILES = 30

/** The files that go with what is written: each with a look, its size and a way to leave it out. */
export function createAttachments({ onChange }) {
  let files = []
  const list = element('ul', {
    className: 'attachments',
    hidden: true,
    aria: { label: words('attachments') },
  })
  const note = element('p', { className: 'hint', attributes: { role: 'status' } })

  function show() {
    list.replaceChildren(...files.map(itemOf))
    list.hidden = files.length === 0
    onChange()
  }

  function itemOf(entry) {
    const { file, url } = entry
    const remove = element('button', {
      type: 'button',
      className: 'quiet small',
      textContent: words('leaveOut'),
      aria: { label: words('leaveOutNamed', { name: file.name }) },
    })
    remove.addEventListener('click', () => {
      release(entry)
      files = files.filter((one) => one !== entry)
      show()
    })
    return element(
      'li',
      {},
      url && element('img', { src: url, alt: '', width: 40, height: 40 }),
      element(
        'div',
        { className: 'file-card' },
        element('b', { textContent: file.name || kindText(kindOfFile(file)), dir: 'auto' }),
        element('small', { textContent: `${kindText(kindOfFile(file))}, ${sizeText(file.size)}` }),
      ),
      remove,
    )
  }

  function release({ url }) {
    if (url) URL.revokeObjectURL(url)
  }

  function clear() {
    for (const entry of files) release(entry)
    files = []
    setText(note, '')
    show()
  }

  return {
    elements: [list, note],
    get files() {
      return files.map(({ file }) => file)
    },
    add(given) {
      // A folder that was dropped has neither type nor content.
      const added = [...given].filter(({ size, type }) => size > 0 || type !== '')
      const taken = added.slice(0, MAX_FILES - files.length)
      files = [
        ...files,
        ...taken.map((file) => ({ file, url: isPicture(file.type) ? URL.createObjectURL(file) : '' })),
      ]
      setText(note, taken.length < added.length ? words('tooManyFiles', { count: MAX_FILES }) : '')
      show()
    },
    clear,
  }
}
