import type { Build } from './builds.ts'
import { CONTACTS, type Stage } from './stage.ts'
import type { Subject } from './subject.ts'

/** A message that nothing else happens beside. */
export interface Alone {
  title: string
  /** Makes it happen; resolves with how many of it failed. */
  act(stage: Stage, subject: Subject): Promise<number>
}

export const ALONE: Alone[] = [
  {
    title: 'an incoming message alone',
    async act(stage, subject) {
      const options = { target: subject.target(), control: stage.control, contacts: CONTACTS }
      return (await stage.load.run('one', options)).failed
    },
  },
  {
    title: 'a text sent alone',
    async act(_stage, subject) {
      const [session] = subject.target().sessions
      await subject.client.sendText(session?.token ?? '', CONTACTS[0] ?? '', 'a text of ordinary length')
      return 0
    },
  },
]

/** What is done some time after a message, such as receipts of a tenth of a second together, belongs to it. */
export const QUIET_MS = 300
/** The first ones make the encrypted session with the contact, and fill what is kept in memory. */
export const WARM_UP_MESSAGES = 3

/** A server with one session, started anew. */
export async function startAlone(stage: Stage, build: Build, isProbed: boolean): Promise<Subject> {
  const subject = await stage.subject(build, 'alone')
  await subject.start({ isProbed })
  await subject.link(1)
  await subject.allOpen()
  return subject
}
