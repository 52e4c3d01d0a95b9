import { type Attack, repeatedly } from './attack.ts'

/** The longest text WhatsApp takes, in characters. */
const LIMIT = 65_536
const MEGABYTE = 1024 * 1024
/** All within the largest body the server takes. */
const FAR_ABOVE_MB = [1, 4, 16, 64]

type Content = (to: string, words: string) => [path: string, body: Record<string, unknown>]

/** Every kind of words that a request may carry. */
const contents: Content[] = [
  (Phone, Body) => ['/chat/send/text', { Phone, Body }],
  (Phone, Body) => ['/chat/react', { Phone, Body, Id: 'me:3EB0000000000000' }],
  (Phone, FileName) => ['/chat/send/document', { Phone, FileName, Document: 'data:text/plain;base64,aGk=' }],
  (Phone, Caption) => [
    '/chat/send/document',
    { Phone, Caption, FileName: 'a', Document: 'data:text/plain;base64,aGk=' },
  ],
  (Phone, Vcard) => ['/chat/send/contact', { Phone, Name: 'Somebody', Vcard }],
  (Phone, Name) => ['/chat/send/location', { Phone, Name, Latitude: 1, Longitude: 1 }],
  (group, header) => ['/chat/send/poll', { group, header, options: ['yes', 'no'] }],
  (Phone, Body) => ['/chat/send/buttons', { Phone, Body, Buttons: [{ type: 'reply', title: 'Yes' }] }],
  (Phone, Desc) => ['/chat/send/list', { Phone, Desc, List: [{ title: 'One', rowId: '1' }] }],
  (Phone, Body) => ['/chat/send/edit', { Phone, Body, Id: '3EB0000000000000' }],
  (_, Body) => ['/status/set/text', { Body }],
  (Phone, Id) => ['/chat/send/text', { Phone, Id, Body: 'hello' }],
]

/** Everything that can be written, as long as WhatsApp takes it. */
export const wordsAtTheLimit: Attack = saysEverything(
  'words as long as WhatsApp takes them',
  () => LIMIT,
  100,
)

/** The same far beyond that, up to what fits into a body. */
export const wordsFarAbove: Attack = saysEverything(
  'words of 1 to 64 MB',
  (round) => (FAR_ABOVE_MB[round % FAR_ABOVE_MB.length] ?? 1) * MEGABYTE,
  500,
)

function saysEverything(name: string, lengthOf: (round: number) => number, pauseMs: number): Attack {
  return {
    name,
    async start(stage) {
      const tenant = await stage.moveIn()
      return repeatedly(stage, { pauseMs }, async (count) => {
        const content = contents[count % contents.length]
        // Another size for each kind in every round, as the two numbers differ.
        const words = 'long '.repeat(Math.ceil(lengthOf(count + Math.floor(count / contents.length)) / 5))
        if (content) await stage.askAs(tenant, ...content(tenant.contact, words))
      })
    },
  }
}
