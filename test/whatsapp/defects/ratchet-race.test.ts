import { afterAll, beforeAll, expect, test } from 'vitest'
import { Stage } from './stage.ts'

// The library encrypts inside a transaction that is committed after the stanza has left and that no reception waits
// for: two works on one ratchet overwrite each other. `repository.test.ts` shows the same without sockets, and with
// sends to the number while messages come from the LID; `durable-sockets.test.ts` counts what is stored.
let stage: Stage
beforeAll(async () => {
  stage = await Stage.open()
})
afterAll(() => stage.close())

const MESSAGES = 40
const ROUNDS = 3

test('the bare library loses messages when two devices write to each other at the same time', async () => {
  const [ann, ben] = await Promise.all([stage.bare({ pauseMs: 4 }), stage.bare({ pauseMs: 4 })])
  await ann.sendText(jidOf(ben.phone), 'hello Ben')
  await expect.poll(() => ben.texts()).toContain('hello Ben')
  await ben.sendText(jidOf(ann.phone), 'hello Ann')
  await expect.poll(() => ann.texts()).toContain('hello Ann')

  // Chance decides how many are lost; one round without any has not been seen.
  const lost = () => ann.stubs.length + ben.stubs.length
  for (let round = 0; round < ROUNDS && lost() === 0; round++) {
    await Promise.all(
      numbered(`round ${round}`).flatMap((text) => [
        ann.sendText(jidOf(ben.phone), text),
        ben.sendText(jidOf(ann.phone), text),
      ]),
    )
    await stage.settles()
  }

  expect(lost()).toBeGreaterThan(0)
}, 60_000)

test('Parley reads every message of both, once', async () => {
  const [ann, ben] = [await stage.user(), await stage.user()]
  await stage.sendText(ann, ben.phone, 'hello Ben')
  await stage.arrives('hello Ben')
  await stage.sendText(ben, ann.phone, 'hello Ann')
  await stage.arrives('hello Ann')
  const expected = [...numbered('to ben'), ...numbered('to ann'), 'hello Ben', 'hello Ann'].toSorted()

  await Promise.all([
    ...numbered('to ben').map((text) => stage.sendText(ann, ben.phone, text)),
    ...numbered('to ann').map((text) => stage.sendText(ben, ann.phone, text)),
  ])

  await expect.poll(() => new Set(stage.delivered()).size, { timeout: 20_000 }).toBe(expected.length)
  expect(stage.delivered().toSorted()).toEqual(expected)
  expect(stage.undecryptable()).toBe(0)
}, 60_000)

const jidOf = (phone: string) => `${phone}@s.whatsapp.net`

function numbered(text: string): string[] {
  return Array.from({ length: MESSAGES }, (_, index) => `${text} ${index}`)
}
