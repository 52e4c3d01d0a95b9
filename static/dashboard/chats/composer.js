import { setText } from '../../page.js'
import { element, freshId } from '../parts/dom.js'
import { createAttachments } from './attachments.js'
import { lineOf, writerOf } from './message-words.js'
import { words } from './words.js'

/** As long as a message may be. */
const MAX_TEXT = 65_536
const MAX_HEIGHT_PX = 180

/**
 * Where a message is written: Enter sends, Shift and Enter begin a new line; files are chosen, pasted or dropped.
 * @param {object} given
 * @param {string} given.name whom it goes to
 * @param {{text: string, quoted?: object} | undefined} given.draft what was not finished writing
 * @param {(written: {text: string, files: File[], quoted?: object}) => void} given.send
 * @param {(draft: {text: string, quoted?: object}) => void} given.keepDraft
 */
export function createComposer({ name, draft, send, keepDraft }) {
  let quoted
  const id = freshId('composer')
  const text = element('textarea', {
    id,
    rows: 1,
    maxLength: MAX_TEXT,
    placeholder: words('composerHint'),
    dir: 'auto',
    aria: { describedby: `${id}-keys` },
  })
  const keys = element('p', { className: 'unseen', id: `${id}-keys`, textContent: words('composerKeys') })
  const label = element('label', {
    className: 'unseen',
    htmlFor: id,
    textContent: words('composerLabel', { name }),
  })
  const quoteWriter = element('b', { dir: 'auto' })
  const quoteLine = element('span', { dir: 'auto' })
  const unquote = element('button', {
    type: 'button',
    className: 'quiet small',
    textContent: words('noReply'),
  })
  const quote = element(
    'div',
    { className: 'composer-quote', hidden: true },
    element('div', { className: 'quote' }, quoteWriter, quoteLine),
    unquote,
  )
  const attachments = createAttachments({ onChange: showReady })
  const chooser = element('input', { type: 'file', multiple: true, hidden: true })
  const choose = element('button', { type: 'button', textContent: words('attach') })
  const submit = element('button', { type: 'submit', className: 'primary', textContent: words('send') })
  const offline = element('p', { className: 'hint', hidden: true, textContent: words('offline') })
  const form = element(
    'form',
    { className: 'composer', aria: { label: words('composerLabel', { name }) } },
    offline,
    quote,
    attachments.elements,
    element('div', { className: 'composer-line' }, choose, chooser, label, text, keys, submit),
  )

  form.addEventListener('submit', (event) => {
    event.preventDefault()
    trySend()
  })
  text.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && quoted) return setQuoted(undefined)
    // While a letter is put together from several keys, Enter is one of them.
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return
    event.preventDefault()
    trySend()
  })
  text.addEventListener('input', () => {
    fitHeight()
    showReady()
    keepDraft({ text: text.value, quoted })
  })
  text.addEventListener('paste', (event) => {
    const { files, types } = event.clipboardData
    // Programs for tables and texts add a picture of the words that were copied.
    if (files.length === 0 || types.includes('text/plain')) return
    event.preventDefault()
    attachments.add(files)
  })
  choose.addEventListener('click', () => chooser.click())
  chooser.addEventListener('change', () => {
    attachments.add(chooser.files)
    chooser.value = ''
    text.focus()
  })
  unquote.addEventListener('click', () => {
    setQuoted(undefined)
    text.focus()
  })
  text.value = draft?.text ?? ''
  setQuoted(draft?.quoted)

  function trySend() {
    const written = { text: text.value.trim(), files: attachments.files, quoted }
    if (written.text === '' && written.files.length === 0) return
    text.value = ''
    attachments.clear()
    setQuoted(undefined)
    fitHeight()
    text.focus()
    send(written)
  }

  function setQuoted(message) {
    quoted = message
    quote.hidden = !message
    setText(quoteWriter, message ? writerOf(message) : '')
    setText(quoteLine, message ? lineOf(message).slice(0, 300) : '')
    keepDraft({ text: text.value, quoted })
    showReady()
  }

  function showReady() {
    // Not `disabled`: the focus would be lost with it.
    submit.setAttribute('aria-disabled', String(text.value.trim() === '' && attachments.files.length === 0))
  }

  function fitHeight() {
    text.style.height = 'auto'
    text.style.height = `${Math.min(text.scrollHeight + 2, MAX_HEIGHT_PX)}px`
  }

  return {
    element: form,
    addFiles(files) {
      attachments.add(files)
      text.focus()
    },
    reply(message) {
      setQuoted(message)
      text.focus()
    },
    focus: () => text.focus(),
    showConnected(isConnected) {
      offline.hidden = isConnected
    },
    close: () => attachments.clear(),
  }
}

/** Lets files be dropped anywhere on a place; shows that it may be done while they are above it. */
export function acceptDrops(place, { text, onFiles }) {
  const veil = element('p', {
    className: 'drop-veil',
    hidden: true,
    textContent: text,
    aria: { hidden: 'true' },
  })
  place.append(veil)
  place.addEventListener('dragover', (event) => {
    if (!event.dataTransfer.types.includes('Files')) return
    event.preventDefault()
    event.dataTransfer.dropEffect = 'copy'
    veil.hidden = false
  })
  place.addEventListener('dragleave', (event) => {
    if (!place.contains(event.relatedTarget)) veil.hidden = true
  })
  place.addEventListener('drop', (event) => {
    veil.hidden = true
    if (event.dataTransfer.files.length === 0) return
    event.preventDefault()
    onFiles(event.dataTransfer.files)
  })
}
