import { RequestFailure } from '../api.js'
import { keyOfFailure } from './failures.js'
import { words } from './words.js'

/** What a person should do about a failure, in the language of the page. */
export function advise(error) {
  if (error instanceof SyntaxError) return words('failedNoAnswer')
  const key = error instanceof RequestFailure ? keyOfFailure(error) : 'failedOther'
  return words(key, { text: error.message })
}
