import type { Build } from '../builds.ts'
import type { Result } from '../job.ts'
import { CPU, durations, type Measure, RATE } from '../measure.ts'
import { CONTACTS, ECHOES, SESSIONS, type Stage } from '../stage.ts'

const STEADY_PER_SECOND = 100
const SINGLE_PER_SECOND = 20
/** A flood or a backlog has so many messages for each second that rates are held. */
const MESSAGES_PER_SECOND = 120

const few = (count: number) => (count === 1 ? '1 session' : `${count} sessions`)

/** Texts by the API, as fast as they are answered. */
const texts = [1, SESSIONS].map(
  (count): Measure => ({
    group: 'texts',
    title: `texts, ${few(count)}`,
    figures: [RATE, ...durations('to the answer'), CPU],
    run: (stage, build) => sendTexts(stage, build, count),
  }),
)

/** The same when users are told what becomes of each text. */
const receipts = [1, SESSIONS].map(
  (count): Measure => ({
    group: 'receipts',
    title: `texts with their receipts as webhooks, ${few(count)}`,
    figures: [RATE, ...durations('to the answer'), CPU, { key: 'hooks', words: 'webhooks each' }],
    async run(stage, build) {
      const subject = await stage.usual(build)
      await subject.subscribe(count, ['All'])
      try {
        return await sendTexts(stage, build, count)
      } finally {
        await subject.subscribe(count, ['Message'])
      }
    },
  }),
)

const pingPong: Measure = {
  group: 'pingpong',
  title: `text and answer in turns, ${SESSIONS} chats`,
  figures: [RATE, ...durations('to the webhook of the answer'), CPU],
  run: async (stage, build) => {
    const target = (await stage.usual(build)).target()
    return stage.load.run('pingPong', { target, contacts: ECHOES, seconds: stage.options.seconds })
  },
}

const floods = [4, SESSIONS].map(
  (chats): Measure => ({
    group: 'flood',
    title: `incoming as fast as they come, ${chats} chats`,
    figures: [RATE, CPU],
    run: async (stage, build) => stage.load.run('flood', await incoming(stage, build, chats)),
  }),
)

const backlogs = [4, SESSIONS].map(
  (chats): Measure => ({
    group: 'backlog',
    title: `ready backlog, network stopped, ${chats} chats`,
    figures: [RATE, CPU],
    run: async (stage, build) => {
      const options = await incoming(stage, build, chats)
      return stage.load.run('backlog', { ...options, sandbox: stage.sandbox.program.pid })
    },
  }),
)

const single: Measure = {
  group: 'single',
  title: `incoming, ${SINGLE_PER_SECOND} a second over ${SESSIONS} sessions`,
  figures: [...durations('to the webhook'), CPU],
  run: async (stage, build) => {
    const count = SINGLE_PER_SECOND * stage.options.seconds
    const options = { ...(await incoming(stage, build, SESSIONS)), count, perSecond: SINGLE_PER_SECOND }
    return stage.load.run('single', options)
  },
}

const steady: Measure = {
  group: 'steady',
  title: `texts, ${STEADY_PER_SECOND} a second over ${SESSIONS} sessions`,
  figures: [...durations('to the answer'), CPU],
  run: async (stage, build) => {
    const target = (await stage.usual(build)).target()
    const { seconds } = stage.options
    return stage.load.run('steady', { target, contacts: CONTACTS, seconds, perSecond: STEADY_PER_SECOND })
  },
}

/** What is measured of a server that runs, by the load that is put on it. */
export const loadMeasures: Measure[] = [
  ...texts,
  ...receipts,
  pingPong,
  ...floods,
  ...backlogs,
  single,
  steady,
]

/** Sends texts from that many sessions of the usual server. */
export async function sendTexts(
  stage: Stage,
  build: Build,
  count: number,
): Promise<Result & { perSecond: number }> {
  const target = (await stage.usual(build)).target(count)
  return stage.load.run('texts', { target, contacts: CONTACTS, seconds: stage.options.seconds })
}

async function incoming(stage: Stage, build: Build, chats: number) {
  const target = (await stage.usual(build)).target(chats)
  const count = MESSAGES_PER_SECOND * stage.options.seconds
  return { target, control: stage.control, contacts: CONTACTS, count }
}
