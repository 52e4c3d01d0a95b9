import { ask } from '../api.js'
import { fillWords } from '../language.js'
import { byId, confirmFirst, repeat, say, setText, whileBusy } from '../page.js'
import { offerPreferences } from '../preferences.js'
import { advise } from './advice.js'
import { copyFrom } from './clipboard.js'
import { consoleScript, isScript, readAnswer } from './console-script.js'
import { extensionLink } from './extension-link.js'
import { askLinking, keyOfPage, serverBase } from './linking-api.js'
import { describeStage } from './stages.js'
import { words } from './words.js'

const PANELS = ['ways', 'compare', 'stop-line']
const LONGEST_PAUSE_MS = 30_000

let now = { stage: 'checking' }
let clockMs = 0
let failures = 0
let question = ''
let stopLooking = () => {}

offerPreferences(writeAnew)
fillWords(words, words('page'))
void offerFile()
void showNetwork()
byId('copy-script').addEventListener('click', () =>
  copyFrom('script', { notice: 'script-notice', done: 'scriptCopied' }),
)
byId('copy-address').addEventListener('click', () =>
  copyFrom('address', { notice: 'address-notice', done: 'addressCopied' }),
)
byId('answer-form').addEventListener('submit', sendAnswer)
onPress('same', () => askLinking('confirm', { body: {} }))
onPress('different', stop)
onPress('stop', stopIfMeant)
addEventListener('hashchange', begin)
setInterval(showTime, 1_000)
begin()

/** Follows the linking that the address names. */
function begin() {
  stopLooking()
  offerExtension()
  show({ stage: keyOfPage() ? 'checking' : 'incomplete' })
  if (keyOfPage()) stopLooking = repeat(look)
}

async function look(signal) {
  try {
    const { reply, clockMs: ahead } = await askLinking('state', { signal })
    clockMs = ahead
    if (failures > 0) say('notice', '')
    failures = 0
    show(reply)
  } catch (error) {
    if (signal.aborted) return 0
    if (error.status === 404) return end()
    say('notice', advise(error))
    failures += 1
  }
  const { pauseMs } = describeStage(now.stage)
  if (pauseMs === 0) stopLooking()
  return Math.min(pauseMs * 2 ** failures, LONGEST_PAUSE_MS)
}

/** The server knows nothing of this linking any more. */
function end() {
  show({ stage: 'over' })
  stopLooking()
  return 0
}

/** Looks at once: something has just been done. */
function lookAgain() {
  stopLooking()
  stopLooking = repeat(look)
}

function show(state) {
  const isNew = now.stage !== state.stage
  now = state
  const { title, detail, step, mark, shows, isTimed } = describeStage(state.stage, state)
  byId('main').dataset.state = mark
  setText(byId('title'), words(title))
  setText(byId('detail'), words(detail))
  for (const id of PANELS) byId(id).hidden = !shows.includes(id)
  byId('time').hidden = !isTimed
  setText(byId('code'), state.code ?? '')
  showProgress(step)
  showQuestion(state.publicKey)
  showTime()
  // What had the focus has just gone: the keyboard goes on at the top.
  if (isNew && document.activeElement === document.body) byId('main').focus({ preventScroll: true })
}

function showProgress(done) {
  byId('progress').hidden = done === null
  for (const [index, step] of [...byId('progress').children].entries()) {
    step.className = index < done ? 'done' : ''
    if (index === done) step.setAttribute('aria-current', 'step')
    else step.removeAttribute('aria-current')
  }
}

/** The script changes with the question; a person may have copied the one before. */
function showQuestion(publicKey) {
  if (!publicKey) return
  const asked = JSON.stringify(publicKey)
  const script = consoleScript(publicKey, {
    wrongPage: words('consoleWrongPage'),
    none: words('consoleNone'),
    done: words('consoleDone'),
    copied: words('consoleCopied'),
  })
  if (byId('script').value !== script) byId('script').value = script
  if (question && question !== asked) say('script-notice', words('scriptRenewed'))
  question = asked
}

function showTime() {
  const seconds = Math.max(0, Math.round((now.endsAt - Date.now() + clockMs) / 1_000))
  if (byId('time').hidden || Number.isNaN(seconds)) return
  const time = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
  setText(byId('time'), words('timeLeft', { time }))
}

async function sendAnswer(event) {
  event.preventDefault()
  const given = byId('answer').value
  await whileBusy(event.submitter, async () => {
    say('answer-notice', '')
    try {
      if (isScript(given)) return say('answer-notice', words('failedScript'))
      await askLinking('response', { body: readAnswer(given) })
      byId('answer').value = ''
    } catch (error) {
      say(error.status >= 502 ? 'notice' : 'answer-notice', advise(error))
    }
    lookAgain()
  })
}

async function stopIfMeant() {
  const isMeant = await confirmFirst({
    title: words('stopTitle'),
    text: words('stopText'),
    yes: words('stopYes'),
  })
  if (isMeant) await stop()
}

async function stop() {
  await askLinking('cancel', { body: {} })
}

function onPress(id, work) {
  const button = byId(id)
  button.addEventListener('click', () =>
    whileBusy(button, async () => {
      say('notice', '')
      await work().catch((error) => say('notice', advise(error)))
      lookAgain()
    }),
  )
}

function writeAnew() {
  fillWords(words, words('page'))
  for (const notice of document.querySelectorAll('.notice[id$="notice"]')) say(notice.id, '')
  show(now)
}

function offerExtension() {
  const address = keyOfPage() && extensionLink({ key: keyOfPage(), base: serverBase() })
  byId('extension-go').hidden = !address
  byId('extension-plain').hidden = Boolean(address)
  if (address) byId('extension-go').href = address
  byId('address').value = location.href
  byId('handheld').hidden = !matchMedia('(hover: none) and (pointer: coarse)').matches
}

/** The file of the extension is there where it was packed. */
async function offerFile() {
  const file = byId('extension-file')
  const response = await fetch(file.href, { method: 'HEAD' }).catch(() => undefined)
  file.hidden = !response?.ok
  byId('extension-ask').hidden = Boolean(response?.ok)
}

/** The page works without knowing. */
async function showNetwork() {
  const { network } = await ask('parley.json').catch(() => ({}))
  byId('sandbox-banner').hidden = network !== 'sandbox'
}
