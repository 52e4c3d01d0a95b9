import { fork } from 'node:child_process'
import { setPriority } from 'node:os'
import { fileURLToPath } from 'node:url'
import type { AttackNews, AttackOrders } from './attacker.ts'
import type { AttackFigures } from './tally.ts'

/** Attackers at work. */
export interface Attackers {
  /** Lets them leave; resolves with what they did. */
  stop(): Promise<AttackFigures>
}

const program = fileURLToPath(new URL('attacker.ts', import.meta.url))

// Attackers have machines of their own: what they ask for shall cost the server its time, not what they compute.
const LOW_PRIORITY = 5
const START_MS = 120_000

/** Starts attackers in a process of their own; resolves when they are under way. */
export async function startAttackers(orders: AttackOrders): Promise<Attackers> {
  const child = fork(program, [JSON.stringify(orders)])
  if (child.pid !== undefined) setPriority(child.pid, LOW_PRIORITY)
  const done = new Promise<AttackFigures>((resolve, reject) => {
    child.on('message', (news: AttackNews) => {
      if (news.name === 'done') resolve(news.tally)
    })
    child.once('exit', (code) => reject(new Error(`the attackers ended with ${code}`)))
  })
  // Whoever stops them hears of it.
  done.catch(() => {})
  await new Promise<void>((resolve, reject) => {
    const tooLate = setTimeout(() => {
      child.kill('SIGKILL')
      reject(new Error('the attackers did not get under way'))
    }, START_MS)
    child.once('exit', () => reject(new Error('the attackers could not start')))
    child.on('message', (news: AttackNews) => {
      if (news.name !== 'ready') return
      clearTimeout(tooLate)
      resolve()
    })
  })
  return {
    stop: () => {
      if (child.connected) child.send('stop')
      return done
    },
  }
}
