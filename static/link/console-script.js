import { usePasskey } from './use-passkey.js'

/**
 * The script that a person pastes into the console of WhatsApp's page. It holds the question and nothing that opens
 * anything here; the answer is printed, and copied where the browser allows it.
 * @param {object} question
 * @param {{wrongPage: string, none: string, done: string, copied: string}} words what it says
 */
export function consoleScript(question, words) {
  return `(async () => {
const question = ${JSON.stringify(question)}
const words = ${JSON.stringify(words)}
// The console lends \`copy\` for as long as the script runs without a pause.
const keep = typeof copy === 'function' ? copy : (text) => navigator.clipboard.writeText(text)
${usePasskey}
if (!/(^|\\.)whatsapp\\.com$/.test(location.hostname)) return console.warn(words.wrongPage)
let answer
try {
  answer = await usePasskey(question)
} catch (error) {
  return console.warn(words.none + '\\n' + error)
}
console.log(words.done + '\\n\\n' + answer)
try {
  await keep(answer)
  console.log(words.copied)
} catch {
  // It is printed above.
}
})()`
}

/**
 * What was pasted as the answer, as an object. People copy what is around it, too: quotes, or the words before it.
 * Throws SyntaxError when there is no object in it.
 * @param {string} text
 */
export function readAnswer(text) {
  return JSON.parse(text.slice(text.indexOf('{'), text.lastIndexOf('}') + 1))
}

/** Whether somebody pasted the script instead of its answer. */
export function isScript(text) {
  return text.includes('usePasskey(question)')
}
