const PAUSE_MS = 2_000
const LONGEST_PAUSE_MS = 30_000
const ENDS = ['linked', 'over']

if (location.hash.startsWith(MARK)) {
  const linking = linkingIn(location.hash)
  // Nobody needs the key after this, least of all the history of the browser.
  history.replaceState(history.state, '', location.pathname + location.search)
  greetMainWorld()
  if (linking) void follow(linking)
  else refuse()
}

/** Shows how a linking stands until it is over, and does what its buttons say. */
async function follow(linking) {
  const box = createBox()
  let isClosed = false
  let failures = 0
  let look = () => {}

  show({ stage: 'checking' })
  while (!isClosed) {
    const state = await askServer(linking, 'state').catch((error) => {
      if (error.status === 404) return { stage: 'over' }
      failures += 1
      box.say(said(error))
    })
    if (isClosed) return
    if (state) {
      if (failures > 0) box.say('')
      failures = 0
      show(state)
      if (ENDS.includes(state.stage)) return
    }
    await Promise.race([
      pause(Math.min(PAUSE_MS * 2 ** failures, LONGEST_PAUSE_MS)),
      new Promise((resolve) => {
        look = resolve
      }),
    ])
    if (document.hidden) await seen()
  }

  function show({ stage, publicKey, code = '', skipHandoff = false }) {
    const close = { words: message('close'), onPress: end }
    const buttons = {
      required: [{ words: message('use'), isPrimary: true, onPress: () => answer(publicKey) }, close],
      confirm: [
        { words: message('same'), isPrimary: true, onPress: () => tell('confirm', {}) },
        { words: message('different'), onPress: () => tell('cancel', {}) },
      ],
    }
    const detail = stage === 'confirm' && skipHandoff ? 'confirmKnown' : stage
    box.show({
      title: message(`${stage}Title`),
      text: message(`${detail}Text`, [linking.base.host]),
      code,
      question: publicKey,
      buttons: buttons[stage] ?? [close],
    })
  }

  async function answer(question) {
    box.say('')
    try {
      await tell('response', await askForPasskey(question))
    } catch (error) {
      box.say(message('notUsed', [error.message]))
    }
  }

  async function tell(what, body) {
    await askServer(linking, what, body).then(
      () => box.say(''),
      (error) => box.say(said(error)),
    )
    look()
  }

  function end() {
    isClosed = true
    look()
    box.close()
  }
}

/** The address names a server that the answer must not be sent to, or nothing that can be read. */
function refuse() {
  const box = createBox()
  box.show({
    title: message('refusedTitle'),
    text: message('refusedText'),
    buttons: [{ words: message('close'), onPress: () => box.close() }],
  })
}

function said(error) {
  return error.status === 0 ? message('unreachable') : message('refusedBy', [error.message])
}

function message(name, values) {
  return chrome.i18n.getMessage(name, values)
}

function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

function seen() {
  return new Promise((resolve) => document.addEventListener('visibilitychange', resolve, { once: true }))
}
