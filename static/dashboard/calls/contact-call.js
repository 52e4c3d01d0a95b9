import { advise } from '../../api.js'
import { repeat, setText } from '../../page.js'
import { answeringContacts, behaveWhenCalled, callFrom, callsOf, heardIn } from '../../sandbox.js'
import { element } from '../parts/dom.js'
import { createForm } from '../parts/form.js'
import { wavOf } from './wav-of.js'
import { words } from './words.js'

const PAUSE_MS = 2_000
/** An amplitude that counts as loud. */
const FULL = 32_768

/** What it can say, and do when it is called, with the keys of the words for it. */
const SAYS = { 440: 'says440', 1000: 'says1000', silence: 'saysSilence', file: 'saysFile' }
const WHEN_CALLED = {
  '': 'callSame',
  answer: 'callAnswer',
  ring: 'callRing',
  reject: 'callReject',
  busy: 'callBusy',
}

/**
 * Plays the other side of calls on a simulated network: a contact that calls, and what it hears.
 * @param {object} given
 * @param {string} given.admin
 * @param {() => string} given.numberOf JID of the account that is called; '' while nobody is linked
 */
export function createContactCall({ admin, numberOf }) {
  let contact
  const heard = element('p', { className: 'hint' })
  const form = createForm({
    fields: [
      { name: 'says', label: words('itSays'), kind: 'choice', options: optionsOf(SAYS) },
      {
        name: 'file',
        label: words('soundFile'),
        kind: 'file',
        input: { accept: 'audio/*' },
        hint: words('soundFileHint'),
      },
      { name: 'onOffer', label: words('whenCalled'), kind: 'choice', options: optionsOf(WHEN_CALLED) },
    ],
    submit: words('letItCall'),
    before: [
      element('h3', { textContent: words('contactTitle') }),
      element('p', { className: 'hint', textContent: words('contactText') }),
    ],
    async run({ says, file }) {
      const number = numberOf().replace(/[:@].*$/, '')
      if (!number) throw Object.assign(new Error('nobody is linked'), { advice: words('contactNobody') })
      await callFrom(contact.phone, { admin, to: number, say: await speechOf(says, file) })
      return words('contactCalls', { name: contact.name })
    },
  })
  const { says, file, onOffer } = form.fields
  const fileLines = file.elements
  form.button.className = ''
  form.element.append(heard)
  form.element.hidden = true
  says.control.addEventListener('change', changed)
  file.control.addEventListener('change', changed)
  onOffer.control.addEventListener('change', changed)
  showFile()
  let stop = () => {}
  void begin()

  async function begin() {
    ;[contact] = await answeringContacts(admin)
    if (!contact) return
    setText(form.button, words('letCall', { name: contact.name }))
    form.element.hidden = false
    stop = repeat(look)
  }

  function changed() {
    showFile()
    void form.attempt(form.button, behave)
  }

  /** What it says, and does when it is called. */
  async function behave() {
    if (onOffer.value === '' || (says.value === 'file' && !file.value)) return ''
    const say = await speechOf(says.value, file.value)
    await behaveWhenCalled(contact.phone, { admin, onOffer: onOffer.value, afterMs: 2_000, say })
    return ''
  }

  function showFile() {
    for (const line of fileLines) line.hidden = says.value !== 'file'
    file.control.required = says.value === 'file'
  }

  async function look(signal) {
    try {
      const call = (await callsOf(contact.phone, { admin, signal })).at(-1)
      const report = call && (await heardIn(contact.phone, call.id, { admin, signal }))
      setText(heard, call ? heardText(contact.name, call, report) : '')
    } catch (error) {
      if (!signal.aborted) setText(heard, advise(error))
    }
    return PAUSE_MS
  }

  return {
    element: element('div', { className: 'contact-call' }, form.element),
    close() {
      stop()
    },
  }
}

/** What a contact hears, or heard in a call that is over. */
function heardText(name, { state }, { packets = 0, tones = [], amplitudes = [] } = {}) {
  const when = state === 'ended' ? 'Before' : ''
  if (packets === 0) return words(`heardNothing${when}`, { name })
  const hz = tones.at(-1) ?? 0
  if (hz === 0) return words(`heardSilence${when}`, { name, packets })
  const level = Math.round((100 * amplitudes.at(-1)) / FULL)
  return words(`heardTone${when}`, { name, hz: String(hz), level, packets })
}

function optionsOf(table) {
  return Object.entries(table).map(([value, key]) => [value, words(key)])
}

async function speechOf(says, file) {
  if (says === 'silence') return says
  if (says === 'file') return { wav: await wavOf(file) }
  return { tone: Number(says) }
}
