import type { Attack } from './attack.ts'
import { manyDueDeliveries, silentReceiver } from './bad-receivers.ts'
import { reconnecting, removedUsers } from './coming-and-going.ts'
import { silentBuckets, silentMediaHost } from './files-from-contacts.ts'
import { wordsAtTheLimit, wordsFarAbove } from './long-contents.ts'
import { longLists } from './long-lists.ts'
import { noBroker } from './no-broker.ts'
import { oddInput } from './odd-input.ts'
import { wrongTokens } from './wrong-tokens.ts'

/** Everything that one tenant, or a wrong setting, must not make others feel. */
const attacks: Attack[] = [
  silentBuckets,
  removedUsers,
  wordsAtTheLimit,
  wrongTokens,
  silentMediaHost,
  reconnecting,
  longLists,
  silentReceiver,
  wordsFarAbove,
  oddInput,
  manyDueDeliveries,
  noBroker,
]

/** Those with one of the words (separated by commas) in their name; without words all of them. Throws when there are none. */
export function attacksNamed(words: string | undefined): Attack[] {
  const wanted = words?.split(',').map((word) => word.trim())
  const found = attacks.filter(({ name }) => wanted?.some((word) => name.includes(word)) ?? true)
  if (found.length === 0) throw new Error(`no attack has one of these in its name: ${words}`)
  return found
}
