import { ask } from '../../api.js'
import { setText } from '../../page.js'
import { readRoute } from '../route.js'
import { createCallBar } from './call-bar.js'
import { describeCall, describeEnd, describePart } from './call-texts.js'
import { openPhone } from './phone.js'

/**
 * The phones of the dashboard: one of the user that was opened last, and of one in whose call this browser takes part. A
 * call is told of in whatever view is open.
 * @param {object} given
 * @param {HTMLElement} given.bar shows calls in other views
 * @param {HTMLElement} given.spoken says aloud what happens to them
 */
export function createCallDesk({ bar, spoken }) {
  const phones = new Map()
  const listeners = new Set()
  const callBar = createCallBar(bar)
  let watched

  /** Follows the calls of a user; `token` may have been changed since the last time. */
  function watch({ id, name, token }) {
    watched = id
    const known = phones.get(id)
    if (known) Object.assign(known, { name, token })
    else phones.set(id, connect({ id, name, token }))
    for (const [other, { phone }] of phones) if (other !== id && !phone.hasVoice) drop(other)
  }

  function connect(user) {
    user.phone = openPhone({
      askUser: (path, options) => ask(path, { ...options, token: user.token }),
      onChange: () => tell(user.id),
    })
    return user
  }

  function drop(id) {
    const { phone } = phones.get(id)
    phones.delete(id)
    phone.close()
    showBar()
  }

  function tell(id) {
    const user = phones.get(id)
    if (!user?.phone) return
    setText(spoken, sentenceOf(user))
    showBar()
    for (const listener of listeners) listener(user.phone, id)
    if (id !== watched && user.phone.calls.length === 0) drop(id)
  }

  function showBar() {
    const { view, id: shown, section } = readRoute(location.hash)
    const isElsewhere = ({ id }) => !(view === 'user' && section === 'calls' && shown === id)
    callBar.show([...phones.values()].filter((user) => user.phone && isElsewhere(user)))
  }

  window.addEventListener('hashchange', showBar)
  return {
    watch,
    /** The phone of a user; undefined for one that is not watched. */
    phoneOf: (id) => phones.get(id)?.phone,
    /** Calls `listener` with a phone and whose it is, whenever something of it changes, until the returned function is called. */
    listen(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

/** What is said aloud: it changes only when something happens. */
function sentenceOf({ phone }) {
  const [call] = phone.calls
  if (!call) return phone.ended ? describeEnd(phone.ended) : ''
  const part = phone.part.callId === call.id ? describePart(phone.part, call) : ''
  const problem = phone.problem.callId === call.id ? phone.problem.text : ''
  return [`${describeCall(call).title}.`, problem, part].filter(Boolean).join(' ')
}
