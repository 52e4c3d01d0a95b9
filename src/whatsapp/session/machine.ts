import type { PasskeyStage } from './linking/passkey-ceremony.ts'

/**
 * Where a session stands. Transitions are the pure function `next`; `LiveSession` carries out the effects.
 * `wasOpen` on the way: the session has been open since it was started, so what may fail is a reconnect.
 */
export type State =
  | { name: 'idle' }
  | { name: 'queued'; attempt: number; wasOpen?: boolean }
  | { name: 'connecting'; attempt: number; restarts: number; wasOpen?: boolean }
  | { name: 'pairing'; qr: string }
  /** WhatsApp demands a passkey of whoever links; see `linking/passkey-ceremony.ts`. */
  | { name: 'passkey'; stage: PasskeyStage }
  | { name: 'open'; since: number; attempt: number }
  | { name: 'retrying'; attempt: number; at: number; wasOpen?: boolean }
  | { name: 'loggedOut' }
  | { name: 'blocked'; code: number; until?: number }

export type Input =
  | { type: 'start' }
  | { type: 'slot' }
  | { type: 'qr'; text: string }
  | { type: 'passkey'; stage: PasskeyStage }
  | { type: 'passkeyFailed' }
  | { type: 'paired' }
  | { type: 'pairFailed' }
  | { type: 'opened' }
  | {
      type: 'closed'
      code: number
      qrExhausted?: boolean
      /** Attributes of the server's `<failure>` stanza, when that ended the connection. */
      failure?: Record<string, string>
      /** What the library says about it. */
      error?: string
    }
  | { type: 'retry' }
  /** `isLeaving`: not because somebody wants it; this process or node stops to run it. */
  | { type: 'stop'; isLeaving?: boolean }
  | { type: 'logout' }
  | { type: 'leaseLost' }

export type Effect =
  | { type: 'requestSlot' }
  | { type: 'openSocket' }
  | { type: 'closeSocket' }
  | { type: 'eraseKeys' }
  | { type: 'wait'; delayMs: number }
  | { type: 'refreshVersion' }
  | { type: 'alarm'; reason: string }
  | { type: 'emit'; event: MachineEvent }

/** What the machine tells the rest of the server; `session.ts` turns each into an Event. */
export type MachineEvent =
  | { name: 'closed'; code: number }
  | { name: 'qrTimeout' }
  | { name: 'loggedOut'; code: number; onConnect: boolean }
  | { name: 'replaced' }
  | { name: 'banned'; code: number; expireSeconds: number }
  | { name: 'outdated' }
  | { name: 'unreachable'; attempts: number; error: string }
  | { name: 'refused'; code: number; message: string; attributes: Record<string, string> }

export interface Step {
  state: State
  effects: Effect[]
}

export interface Clock {
  now: number
  /** 0..1, spreads retries of many sessions. */
  random: number
}

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const QUICK_CAP_MS = MINUTE_MS
const SLOW_CAP_MS = 5 * MINUTE_MS
/** A connection that held this long proves the way is clear: the backoff starts anew. */
const STABLE_AFTER_MS = MINUTE_MS
const MAX_RESTARTS_IN_A_ROW = 3
/** A session that fails so often after its start is reported; it goes on trying all the same. */
const REPORTED_FAILURES = 3
/** The whole day of a ban whose end WhatsApp did not tell. */
const UNKNOWN_BAN_SECONDS = 24 * 3600

type Close = Extract<Input, { type: 'closed' }>

const stay = (state: State): Step => ({ state, effects: [] })
const emit = (event: MachineEvent): Effect => ({ type: 'emit', event })

/**
 * The next state and what must be done for it.
 * The close codes are those of WhatsApp Web's own client; a close while nothing is wanted changes nothing.
 */
export function next(state: State, input: Input, clock: Clock): Step {
  switch (input.type) {
    case 'start':
      return start(state)
    case 'slot':
      return state.name === 'queued'
        ? {
            state: { name: 'connecting', attempt: state.attempt, restarts: 0, wasOpen: wasOpen(state) },
            effects: [{ type: 'openSocket' }],
          }
        : stay(state)
    case 'retry':
      return state.name === 'retrying' || state.name === 'blocked'
        ? {
            state: { name: 'queued', attempt: attemptOf(state), wasOpen: wasOpen(state) },
            effects: [{ type: 'requestSlot' }],
          }
        : stay(state)
    case 'qr':
      return state.name === 'connecting' || state.name === 'pairing'
        ? stay({ name: 'pairing', qr: input.text })
        : stay(state)
    case 'passkey':
      return isLinking(state) ? stay({ name: 'passkey', stage: input.stage }) : stay(state)
    case 'passkeyFailed':
      // What WhatsApp and the phone know of this device is of no use any more: it begins anew, with other keys.
      return state.name === 'passkey'
        ? {
            state: { name: 'queued', attempt: 0 },
            effects: [{ type: 'closeSocket' }, { type: 'eraseKeys' }, { type: 'requestSlot' }],
          }
        : stay(state)
    case 'paired':
      // The server closes with 515 next; until then the code on the screen is void.
      return state.name === 'pairing' || state.name === 'passkey'
        ? stay({ name: 'connecting', attempt: 0, restarts: 0 })
        : stay(state)
    case 'opened':
      return isActive(state)
        ? stay({ name: 'open', since: clock.now, attempt: attemptOf(state) })
        : stay(state)
    case 'closed':
      return isActive(state) ? closed(state, input, clock) : stay(state)
    case 'pairFailed':
    case 'stop':
    case 'leaseLost':
      return { state: { name: 'idle' }, effects: [{ type: 'closeSocket' }] }
    case 'logout':
      return { state: { name: 'loggedOut' }, effects: [{ type: 'closeSocket' }, { type: 'eraseKeys' }] }
  }
}

/** True while a socket exists or is being made, so that a close means something. */
export function isActive(state: State): boolean {
  return isLinking(state) || state.name === 'open'
}

/** True while there may be a code on the screen, or what follows on one. */
function isLinking(state: State): boolean {
  return state.name === 'connecting' || state.name === 'pairing' || state.name === 'passkey'
}

/** True while the session is wanted and on its way or open: what a caller of the API may wait for. */
export function isRunning(state: State): boolean {
  return isActive(state) || state.name === 'queued' || state.name === 'retrying'
}

function start(state: State): Step {
  return isRunning(state)
    ? stay(state)
    : { state: { name: 'queued', attempt: 0 }, effects: [{ type: 'requestSlot' }] }
}

function attemptOf(state: State): number {
  return 'attempt' in state ? state.attempt : 0
}

function wasOpen(state: State): boolean {
  return state.name === 'open' || ('wasOpen' in state && state.wasOpen === true)
}

function closed(state: State, close: Close, clock: Clock): Step {
  const { code } = close
  switch (code) {
    case 515:
      return restart(state, clock)
    case 401:
    case 406:
      return {
        state: { name: 'loggedOut' },
        effects: [emit({ name: 'loggedOut', code, onConnect: state.name !== 'open' }), { type: 'eraseKeys' }],
      }
    case 403:
      // The keys stay: they are the owner's evidence, and the account may be given back.
      return {
        state: { name: 'blocked', code },
        effects: [emit({ name: 'loggedOut', code, onConnect: state.name !== 'open' })],
      }
    case 402: {
      const expireSeconds = Number(close.failure?.expire) || 0
      const until = clock.now + (expireSeconds || UNKNOWN_BAN_SECONDS) * 1000
      return {
        state: { name: 'blocked', code, until },
        effects: [
          emit({ name: 'banned', code: Number(close.failure?.code) || 0, expireSeconds }),
          { type: 'wait', delayMs: until - clock.now },
        ],
      }
    }
    case 405:
      return {
        state: { name: 'retrying', attempt: 0, at: clock.now + HOUR_MS },
        effects: [emit({ name: 'outdated' }), { type: 'refreshVersion' }, { type: 'wait', delayMs: HOUR_MS }],
      }
    case 440:
      // Another connection of this device is open: fighting for it would cut both off in turns.
      return { state: { name: 'idle' }, effects: [emit({ name: 'replaced' })] }
    case 400:
    case 409:
    case 411:
      return {
        state: { name: 'blocked', code },
        effects: [refused(close), { type: 'alarm', reason: `the server refused the connection (${code})` }],
      }
    default:
      if (close.qrExhausted) return { state: { name: 'idle' }, effects: [emit({ name: 'qrTimeout' })] }
      // A socket lost while a code was on the screen ends the pairing.
      if (state.name === 'pairing' || state.name === 'passkey')
        return { state: { name: 'idle' }, effects: [emit({ name: 'qrTimeout' })] }
      return retry(state, close, clock)
  }
}

function restart(state: State, clock: Clock): Step {
  const restarts = state.name === 'connecting' ? state.restarts + 1 : 1
  if (restarts > MAX_RESTARTS_IN_A_ROW) return retry(state, { type: 'closed', code: 515 }, clock)
  return {
    state: { name: 'connecting', attempt: attemptOf(state), restarts, wasOpen: wasOpen(state) },
    effects: [{ type: 'openSocket' }],
  }
}

/** WhatsApp's reason is reported in its own words; nothing is lost by trying again, slowly. */
const refusals = new Set([415, 418, 501])

function refused({ code, failure = {} }: Close): Effect {
  return emit({ name: 'refused', code, message: failure.message ?? '', attributes: failure })
}

function retry(state: State, close: Close, clock: Clock): Step {
  const { code } = close
  const wasStable = state.name === 'open' && clock.now - state.since >= STABLE_AFTER_MS
  const attempt = wasStable ? 1 : attemptOf(state) + 1
  const slow = code === 503 || refusals.has(code)
  const base = Math.min(1000 * 2 ** Math.min(attempt - 1, 20), slow ? SLOW_CAP_MS : QUICK_CAP_MS)
  const delayMs = Math.round(base * (0.8 + 0.4 * clock.random))
  return {
    state: { name: 'retrying', attempt, at: clock.now + delayMs, wasOpen: wasOpen(state) },
    effects: [report(state, close, attempt), { type: 'wait', delayMs }],
  }
}

function report(state: State, close: Close, attempt: number): Effect {
  if (refusals.has(close.code)) return refused(close)
  if (attempt !== REPORTED_FAILURES || wasOpen(state)) return emit({ name: 'closed', code: close.code })
  return emit({ name: 'unreachable', attempts: attempt, error: close.error ?? '' })
}
