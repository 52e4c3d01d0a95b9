import { describe, expect, test } from 'vitest'
import { type Effect, type Input, next, type State } from '../../../src/whatsapp/session/machine.ts'

const clock = { now: 1_000_000, random: 0.5 }
const open: State = { name: 'open', since: 0, attempt: 4 }
const freshlyOpen: State = { name: 'open', since: clock.now - 1000, attempt: 4 }
const connecting: State = { name: 'connecting', attempt: 0, restarts: 0 }
const pairing: State = { name: 'pairing', qr: 'code' }

const kinds = (effects: Effect[]) =>
  effects.map((effect) => (effect.type === 'emit' ? effect.event.name : effect.type))
const close = (code: number): Input => ({ type: 'closed', code })

describe('a session', () => {
  test.each<[string, State, Input, State['name'], string[]]>([
    ['waits for a slot when started', { name: 'idle' }, { type: 'start' }, 'queued', ['requestSlot']],
    ['starts again after a logout', { name: 'loggedOut' }, { type: 'start' }, 'queued', ['requestSlot']],
    ['is not started twice', open, { type: 'start' }, 'open', []],
    [
      'opens its socket when a slot is free',
      { name: 'queued', attempt: 0 },
      { type: 'slot' },
      'connecting',
      ['openSocket'],
    ],
    ['shows the code', connecting, { type: 'qr', text: 'code' }, 'pairing', []],
    ['hides the code once it was scanned', pairing, { type: 'paired' }, 'connecting', []],
    [
      'ends when what the phone answered was refused',
      pairing,
      { type: 'pairFailed' },
      'idle',
      ['closeSocket'],
    ],
    ['is open after the login', connecting, { type: 'opened' }, 'open', []],
    ['ignores a late login after it was stopped', { name: 'idle' }, { type: 'opened' }, 'idle', []],
    [
      'tries again when its time has come',
      { name: 'retrying', attempt: 2, at: 0 },
      { type: 'retry' },
      'queued',
      ['requestSlot'],
    ],
    ['closes its socket when stopped', open, { type: 'stop' }, 'idle', ['closeSocket']],
    ['writes nothing more when its lease is lost', open, { type: 'leaseLost' }, 'idle', ['closeSocket']],
    ['erases its keys on logout', open, { type: 'logout' }, 'loggedOut', ['closeSocket', 'eraseKeys']],
  ])('%s', (_name, state, input, expected, effects) => {
    const step = next(state, input, clock)

    expect(step.state.name).toBe(expected)
    expect(kinds(step.effects)).toEqual(effects)
  })
})

describe('a close', () => {
  test.each<[string, State, Input, State['name'], string[]]>([
    ['515 restarts at once', connecting, close(515), 'connecting', ['openSocket']],
    [
      '408 while pairing ends the codes',
      pairing,
      { type: 'closed', code: 408, qrExhausted: true },
      'idle',
      ['qrTimeout'],
    ],
    ['a lost socket while pairing ends the codes', pairing, close(428), 'idle', ['qrTimeout']],
    ['428 is retried', open, close(428), 'retrying', ['closed', 'wait']],
    ['500 is retried and keeps the keys', open, close(500), 'retrying', ['closed', 'wait']],
    ['401 logs out', open, close(401), 'loggedOut', ['loggedOut', 'eraseKeys']],
    ['406 logs out', connecting, close(406), 'loggedOut', ['loggedOut', 'eraseKeys']],
    ['403 blocks and keeps the keys', connecting, close(403), 'blocked', ['loggedOut']],
    [
      '402 waits for the end of the ban',
      connecting,
      { type: 'closed', code: 402, failure: { code: '101', expire: '60' } },
      'blocked',
      ['banned', 'wait'],
    ],
    [
      '405 asks for a new version',
      connecting,
      close(405),
      'retrying',
      ['outdated', 'refreshVersion', 'wait'],
    ],
    ['440 stops without a fight', open, close(440), 'idle', ['replaced']],
    ['400 needs a person', connecting, close(400), 'blocked', ['refused', 'alarm']],
    ['of a stopped session means nothing', { name: 'idle' }, close(428), 'idle', []],
  ])('%s', (_name, state, input, expected, effects) => {
    const step = next(state, input, clock)

    expect(step.state.name).toBe(expected)
    expect(kinds(step.effects)).toEqual(effects)
  })

  test('515 four times in a row becomes an ordinary retry', () => {
    let step = next(connecting, close(515), clock)
    for (let i = 0; i < 3; i++) step = next(step.state, close(515), clock)

    expect(step.state.name).toBe('retrying')
  })

  test('three times in a row after a start is reported, once', () => {
    let step = next({ name: 'idle' }, { type: 'start' }, clock)
    const reports: string[] = []
    for (let i = 0; i < 4; i++) {
      step = next(next(step.state, { type: 'slot' }, clock).state, close(428), clock)
      reports.push(...kinds(step.effects))
      step = next(step.state, { type: 'retry' }, clock)
    }

    expect(reports.filter((kind) => kind !== 'wait')).toEqual(['closed', 'closed', 'unreachable', 'closed'])
  })

  test('of a reconnect is not reported so, however often', () => {
    let step = next(freshlyOpen, close(428), clock)
    const reports = kinds(step.effects)
    for (let i = 0; i < 4; i++) {
      step = next(
        next(next(step.state, { type: 'retry' }, clock).state, { type: 'slot' }, clock).state,
        close(428),
        clock,
      )
      reports.push(...kinds(step.effects))
    }

    expect(reports).not.toContain('unreachable')
  })

  test('waits longer each time, up to a minute', () => {
    const delays = [0, 1, 5, 30].map((attempt) => {
      const step = next({ name: 'connecting', attempt, restarts: 0 }, close(428), clock)
      return step.effects.find((effect) => effect.type === 'wait')?.delayMs
    })

    expect(delays).toEqual([1000, 2000, 32_000, 60_000])
  })

  test('of a connection that was stable starts the backoff anew', () => {
    const stable = next(open, close(428), { now: 120_000, random: 0.5 })
    const flapping = next(freshlyOpen, close(428), clock)

    expect(stable.state).toMatchObject({ attempt: 1 })
    expect(flapping.state).toMatchObject({ attempt: 5 })
  })

  test('a ban is over when its time has passed', () => {
    const banned = next(
      connecting,
      { type: 'closed', code: 402, failure: { code: '101', expire: '60' } },
      clock,
    )

    expect(banned.state).toEqual({ name: 'blocked', code: 402, until: clock.now + 60_000 })
    expect(next(banned.state, { type: 'retry' }, clock).state.name).toBe('queued')
  })
})
