import { words } from './words.js'

/** The codes that are told in words. */
const CODES = [400, 401, 402, 403, 405, 406, 408, 409, 411, 415, 418, 428, 440, 500, 501, 503, 515]
/** One that says no more than that something went wrong: what was said about it says more. */
const VAGUE = 500

/** What happened, in a sentence without its time: `Connection lost: no answer in time (code 408)`. */
export function endText({ kind, code, params }) {
  const reason = reasonOf({ code, text: params.text })
  return reason ? `${words(`kind_${kind}`)}: ${reason}` : words(`kind_${kind}`)
}

function reasonOf({ code, text }) {
  if (code === undefined) return text ?? ''
  const isKnown = CODES.includes(code)
  if (!isKnown && !text) return words('codeOther', { code: String(code) })
  const said = isKnown && !(code === VAGUE && text) ? words(`code_${code}`) : text
  return words('codeAnd', { text: said, code: String(code) })
}
