import { node } from '../world/node.ts'
import type { QueryFamily } from './query.ts'

/** Features the client reads: send privacy tokens with messages and with picture queries, issue them to LIDs. */
const PROPS: [code: number, value: string][] = [
  [10518, 'true'],
  [9666, 'true'],
  [14303, 'false'],
]

/** What a connection asks about itself: pings, passive mode, feature switches, cleaned dirty bits. None changes anything. */
export const session: Record<string, QueryFamily> = {
  'w:p': () => undefined,
  passive: () => undefined,
  'urn:xmpp:whatsapp:dirty': () => undefined,
  'urn:xmpp:whatsapp:push': () => undefined,
  tos: () => undefined,
  abt: () => [
    node(
      'props',
      { protocol: 1, hash: 'sandbox', refresh: 86_400 },
      PROPS.map(([code, value]) => node('prop', { config_code: code, config_value: value })),
    ),
  ],
}
