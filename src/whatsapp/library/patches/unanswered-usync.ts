import { USyncQuery } from '@whiskeysockets/baileys/lib/WAUSync/index.js'

type Parse = typeof USyncQuery.prototype.parseUSyncQueryResult

/** What the library takes for the code of a query that nobody answered. */
const TIMED_OUT = 408

const parse = USyncQuery.prototype.parseUSyncQueryResult

// To the library a question about people that was never answered is one that nobody was found for: a message would be
// encrypted for no device of its recipient.
USyncQuery.prototype.parseUSyncQueryResult = function (answer: Parameters<Parse>[0]): ReturnType<Parse> {
  const result = parse.call(this, answer)
  if (result) return result
  throw Object.assign(new Error('a question about people was not answered'), {
    output: { statusCode: TIMED_OUT },
  })
}
