import { request } from 'node:http'
import type { Database } from '../store/database/database.ts'
import { listNodes } from '../store/nodes/nodes.ts'
import { introduction, outcomeOf } from './internal.ts'

const TIMEOUT_MS = 2_000
const MAX_ANSWER_BYTES = 16 * 1024 * 1024

/** Asks all other nodes for one of their own pages; nodes that do not answer in time are left out. */
export async function askNodes(
  { db, nodeId, secret }: { db: Database; nodeId: string; secret: string },
  page: string,
): Promise<unknown[]> {
  const others = (await listNodes(db)).filter(({ id, isAlive }) => isAlive && id !== nodeId)
  const answers = await Promise.allSettled(others.map(({ address }) => ask(address + page, secret)))
  return answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []))
}

function ask(url: string, secret: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(TIMEOUT_MS)
    // A list of headers is taken as it is, without the one that HTTP requires.
    const headers = ['Host', new URL(url).host, ...introduction(secret)]
    const asked = request(url, { headers, signal }, (answer) => {
      const chunks: Buffer[] = []
      let sizeBytes = 0
      if (outcomeOf(answer) !== 'answered') asked.destroy(new Error('this is not a node that knows us'))
      answer.on('error', reject).on('data', (chunk: Buffer) => {
        sizeBytes += chunk.length
        if (sizeBytes > MAX_ANSWER_BYTES) asked.destroy(new Error('the answer is too long'))
        else chunks.push(chunk)
      })
      answer.on('end', () => {
        try {
          resolve(JSON.parse(Buffer.concat(chunks).toString()))
        } catch (error) {
          reject(error)
        }
      })
    })
    asked.on('error', reject).end()
  })
}
