import { afterAll, beforeAll, expect, test } from 'vitest'
import { LinkedDevices, strangersOf, turnedAway } from './linked-devices.ts'

let devices: LinkedDevices
beforeAll(async () => {
  devices = await LinkedDevices.start()
})
afterAll(() => devices.close())

const meta = { jid: '867051314767696@bot', persona_id: '867051314767696$760019659443059' }

test.each(['/bots', '/bots/profiles'])('GET %s wants the token of a linked device', async (path) => {
  expect(await strangersOf(devices, (jwt) => devices.call('GET', path, { jwt }))).toEqual(turnedAway)
})

test('lists the bots', async () => {
  expect(await devices.call('GET', '/bots')).toEqual([
    200,
    'Success get bot list',
    { bots: [meta, { jid: '253140951037123@bot', persona_id: '253140951037123$101' }] },
  ])
})

test('shows what those say that say anything', async () => {
  expect(await devices.call('GET', '/bots/profiles')).toEqual([
    200,
    'Success get bot profiles',
    {
      profiles: [
        {
          ...meta,
          name: 'Meta AI',
          description: 'Your assistant',
          commands: [{ Name: 'imagine', Description: 'Draws a picture' }],
        },
      ],
    },
  ])
})
