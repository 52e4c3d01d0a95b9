import { botList } from '../world/bots.ts'
import type { QueryFamily } from './query.ts'

/** `bot`: which characters there are; what they say about themselves is asked with `usync`. */
export const bots: Record<string, QueryFamily> = {
  bot: () => [botList()],
}
