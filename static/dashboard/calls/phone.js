import { repeat } from '../../page.js'
import { adviseCall } from './call-texts.js'
import { closeMicrophone, connectVoice, openMicrophone } from './voice.js'

/** Pauses between two looks at the calls that go on, while there is none and while there is one. */
const CALM_PAUSE_MS = 2_000
const BUSY_PAUSE_MS = 1_000
/** Nothing rings here while calls are off; the server may have been started anew with them. */
const OFF_PAUSE_MS = 30_000
/** Nobody calls a session that is not there. */
const NO_SESSION_PAUSE_MS = 10_000
/** Sound is there when a packet came in the last moments; looks may follow each other at once. */
const HEARD_WITHIN_MS = 3_000
/** A look that began before this browser came in does not know of it. */
const JOINED_AFTER_MS = 3_000

/**
 * The calls of one user, kept current, and the voice of this browser in one of them.
 * @param {object} given
 * @param {(path: string, options?: object) => Promise<object>} given.askUser asks with the user's token
 * @param {() => void} given.onChange something of what it shows has changed
 */
export function openPhone({ askUser, onChange }) {
  let config
  let calls = []
  let ended
  let voice
  let joinedAt = 0
  /** This browser's part in a call: a state of the voice, `asking` for the microphone, or `none`. */
  let part = { callId: '', state: 'none', listensOnly: false }
  /** What went wrong with which call, as a sentence. */
  let problem = { callId: '', text: '' }
  let ways = { filters: true, listensOnly: false }
  let reach = 'asking'
  const heard = new Map()
  let stop = start()
  window.addEventListener('pagehide', leavePage)

  function start() {
    return repeat(look, { goesOnHidden: () => voice !== undefined })
  }

  function lookNow() {
    stop()
    stop = start()
  }

  async function look(signal) {
    try {
      config = config?.isOn ? config : await askUser('parley/calls/config', { signal })
      reach = 'reached'
      if (!config.isOn) return OFF_PAUSE_MS
      const { calls: live } = await askUser('parley/calls?only=live', { signal })
      await take(live)
      return calls.length > 0 ? BUSY_PAUSE_MS : CALM_PAUSE_MS
    } catch (error) {
      if (signal.aborted) return 0
      // What goes on does not end because the page cannot see it; a session that is not there has no calls.
      if (!/no session/i.test(error.message)) {
        reach = 'failed'
        return CALM_PAUSE_MS
      }
      reach = 'no session'
      await take([])
      return NO_SESSION_PAUSE_MS
    } finally {
      if (!signal.aborted) onChange()
    }
  }

  async function take(live) {
    const gone = calls.filter(({ id }) => !live.some((call) => call.id === id))
    calls = live.map((call) => ({ ...call, isHeard: isHeard(call) }))
    noticeDropped()
    for (const { id } of gone) {
      heard.delete(id)
      if (part.callId === id) leaveVoice()
      ended = await askUser(pathOf(id)).catch(() => undefined)
    }
  }

  /** The server has let this browser go; the browser itself would take a quarter of a minute to find out. */
  function noticeDropped() {
    const call = calls.find(({ id }) => id === part.callId)
    const isIn = voice && performance.now() - joinedAt > JOINED_AFTER_MS
    if (!isIn || !call?.sound || call.sound.hasBrowser) return
    voice.close()
    voice = undefined
    setPart({ state: 'lost' })
  }

  function isHeard({ id, sound }) {
    const now = performance.now()
    const before = heard.get(id) ?? { received: 0, at: -HEARD_WITHIN_MS }
    const received = sound?.received ?? 0
    const last = received > before.received ? { received, at: now } : before
    heard.set(id, last)
    return now - last.at < HEARD_WITHIN_MS
  }

  /** Does something with a call; what goes wrong is shown with it. */
  async function attempt(id, work) {
    showProblem('', '')
    try {
      await work()
    } catch (error) {
      showProblem(id, adviseCall(error))
    }
    lookNow()
  }

  /** The microphone comes first: whoever cannot speak should not have taken a call. */
  async function talk(id, begin) {
    leaveVoice()
    const { filters, listensOnly } = ways
    let microphone
    setPart({ callId: id, state: 'asking', listensOnly })
    try {
      microphone = listensOnly ? undefined : await openMicrophone({ filters })
      await join(await begin(), microphone)
    } catch (error) {
      closeMicrophone(microphone)
      leaveVoice()
      throw error
    }
  }

  async function join(call, microphone) {
    setPart({ callId: call.id, state: 'connecting' })
    const path = pathOf(call.id, 'browser')
    const joined = await connectVoice({
      microphone,
      iceServers: config?.iceServers ?? [],
      exchange: (sdp) => askUser(path, { method: 'POST', body: { sdp } }),
      onState(state) {
        if (part.callId !== call.id) return
        if (state === 'lost' || state === 'unreachable') voice = undefined
        setPart({ state })
      },
    })
    // The call may have ended meanwhile.
    if (part.callId !== call.id) return joined.close()
    voice = joined
    joinedAt = performance.now()
    voice.setMuted(call.sound?.isMuted ?? false)
  }

  function leaveVoice() {
    voice?.close()
    voice = undefined
    setPart({ callId: '', state: 'none' })
  }

  /** The call goes on without this browser, and the server need not find out by waiting. */
  function leavePage() {
    if (!voice) return
    void askUser(pathOf(part.callId, 'browser'), { method: 'DELETE', keepalive: true }).catch(() => {})
    leaveVoice()
  }

  function showProblem(callId, text) {
    problem = { callId, text }
    onChange()
  }

  function setPart(changes) {
    part = { ...part, ...changes }
    onChange()
  }

  function post(id, what, body) {
    return askUser(pathOf(id, what), { method: 'POST', body })
  }

  function close() {
    stop()
    window.removeEventListener('pagehide', leavePage)
    leaveVoice()
  }

  return {
    get calls() {
      return calls
    },
    /** The call that ended last while the page looked. */
    get ended() {
      return ended
    },
    get part() {
      return part
    },
    get problem() {
      return problem
    },
    /** Whether voice is on; undefined while nobody has said. */
    get isOn() {
      return config?.isOn
    },
    /** Whether calls can be seen: `asking`, `reached`, `no session` or `failed`. */
    get reach() {
      return reach
    },
    get hasVoice() {
      return voice !== undefined
    },
    levels: () => voice?.levels() ?? { spoken: 0, heard: 0 },
    /** How this browser takes part from the next call on: whether it takes echo and noise out, and only listens. */
    setWays(wanted) {
      ways = { ...ways, ...wanted }
    },
    answer: (id) => attempt(id, () => talk(id, () => post(id, 'answer'))),
    reject: (id) => attempt(id, () => post(id, 'reject')),
    hangUp: (id) => attempt(id, () => post(id, 'hangup')),
    /** Lets this browser into a call that goes on. */
    join: (id) => attempt(id, () => talk(id, () => askUser(pathOf(id)))),
    mute(id, isMuted) {
      return attempt(id, async () => {
        // Here at once, whatever the server says.
        if (part.callId === id) voice?.setMuted(isMuted)
        await post(id, 'mute', { muted: isMuted })
      })
    },
    /** Calls a number. Rejects with an error that has `advice`; what goes wrong after that is shown with the call. */
    async call(to) {
      let call
      try {
        await talk('', async () => {
          call = await askUser('parley/calls', { method: 'POST', body: { to } })
          return call
        })
      } catch (error) {
        if (!call) throw Object.assign(error, { advice: adviseCall(error) })
        showProblem(call.id, adviseCall(error))
      } finally {
        lookNow()
      }
    },
    close,
  }
}

function pathOf(id, what = '') {
  return `parley/calls/${encodeURIComponent(id)}${what && `/${what}`}`
}
