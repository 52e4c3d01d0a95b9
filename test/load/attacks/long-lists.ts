import { type Attack, repeatedly } from './attack.ts'

const LENGTHS = [5_000, 50_000, 300_000]

type Request = (list: string[]) => [path: string, body: Record<string, unknown>]

const requests: Request[] = [
  (Phone) => ['/user/check', { Phone }],
  (Phone) => ['/user/info', { Phone }],
  (Participants) => ['/group/create', { Name: 'Everybody', Participants }],
  (Id) => ['/chat/markread', { Id, ChatPhone: '447710000000' }],
  (options) => ['/chat/send/poll', { group: '447710000000', header: 'Who?', options }],
  (events) => ['/webhook', { webhookURL: '', events }],
]

/** Lists of numbers and other things that nobody has so many of. */
export const longLists: Attack = {
  name: 'huge lists of numbers',
  async start(stage) {
    const tenant = await stage.moveIn()
    return repeatedly(stage, { pauseMs: 500 }, async (count) => {
      const length = LENGTHS[Math.floor(count / requests.length) % LENGTHS.length] ?? 0
      const list = Array.from({ length }, (_, n) => `44772${String(n).padStart(7, '0')}`)
      const request = requests[count % requests.length]
      if (request) await stage.askAs(tenant, ...request(list))
    })
  },
}
