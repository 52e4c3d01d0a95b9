import { advise } from './api.js'
import { element } from './dashboard/parts/dom.js'
import { createForm } from './dashboard/parts/form.js'
import { repeat, setText } from './page.js'
import { answeringContacts, behaveWhenCalled, callFrom, callsOf, heardIn } from './sandbox.js'
import { wavOf } from './wav-of.js'

const PAUSE_MS = 2_000
/** An amplitude that counts as loud. */
const FULL = 32_768

const SAYS = [
  ['440', 'A tone of 440 Hz'],
  ['1000', 'A tone of 1000 Hz'],
  ['silence', 'Nothing'],
  ['file', 'A sound file'],
]

const WHEN_CALLED = [
  ['', 'Does what it was told before'],
  ['answer', 'Answers after two seconds'],
  ['ring', 'Lets it ring'],
  ['reject', 'Rejects it'],
  ['busy', 'Is in another call'],
]

/**
 * Plays the other side of calls on a simulated network: a contact that calls, and what it hears.
 * @param {object} given
 * @param {string} given.admin
 * @param {() => string} given.numberOf JID of the account that is called; '' while nobody is linked
 * @param {'h2' | 'h3'} [given.heading]
 * @param {string} [given.answerAt] where the call can be answered, on a page where it cannot
 */
export function createContactCall({ admin, numberOf, heading = 'h3', answerAt = '' }) {
  let contact
  const heard = element('p', { className: 'hint' })
  const form = createForm({
    fields: [
      { name: 'says', label: 'It says', kind: 'choice', options: SAYS },
      {
        name: 'file',
        label: 'Sound file',
        kind: 'file',
        input: { accept: 'audio/*' },
        hint: 'The first half minute of it.',
      },
      { name: 'onOffer', label: 'When you call it', kind: 'choice', options: WHEN_CALLED },
    ],
    submit: 'Let it call',
    before: [
      element(heading, { textContent: 'A contact that calls' }),
      element('p', {
        className: 'hint',
        textContent:
          'There is no phone in the simulated network. A made-up contact calls, or is called, and says how it hears you.',
      }),
    ],
    async run({ says, file }) {
      const number = numberOf().replace(/[:@].*$/, '')
      if (!number)
        throw Object.assign(new Error('nobody is linked'), {
          advice: 'No phone is linked yet. Connect first.',
        })
      await callFrom(contact.phone, { admin, to: number, say: await speechOf(says, file) })
      return `${contact.name} calls.`
    },
  })
  const { says, file, onOffer } = form.fields
  const fileLines = file.elements
  form.button.className = ''
  form.element.append(heard)
  if (answerAt)
    form.element.append(
      element(
        'p',
        { className: 'hint' },
        'It is answered in the dashboard: ',
        element('a', { href: answerAt, textContent: 'open the calls of this session' }),
      ),
    )
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
    setText(form.button, `Let ${contact.name} call`)
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
      setText(heard, call ? `${contact.name} ${heardWords(call, report)}` : '')
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

function heardWords({ state }, { packets = 0, tones = [], amplitudes = [] }) {
  const isOver = state === 'ended'
  const verb = isOver ? 'heard, in the last call,' : 'hears'
  if (packets === 0) return isOver ? 'heard nothing in the last call.' : 'hears nothing yet.'
  const hz = tones.at(-1) ?? 0
  if (hz === 0) return `${verb} silence (${packets} packets).`
  const level = Math.round((100 * amplitudes.at(-1)) / FULL)
  return `${verb} ${hz} Hz above all, ${level} % loud (${packets} packets).`
}

async function speechOf(says, file) {
  if (says === 'silence') return says
  if (says === 'file') return { wav: await wavOf(file) }
  return { tone: Number(says) }
}
