import { element } from '../parts/dom.js'
import { createEventPicker } from '../parts/event-picker.js'
import { createForm, sideButton } from '../parts/form.js'
import { userAddress } from '../route.js'
import { words } from './words.js'

const CONFLICT = 409

/** The webhook that every user has in wuzapi's words: its address, its events, and a try. */
export function openWebhook({ id, askUser, server }) {
  const picker = createEventPicker()
  const test = sideButton(words('sendTest'), {
    hidden: !server.has('parley/me/webhooks/test'),
    onclick: () => form.attempt(test, sendTest),
  })
  const form = createForm({
    fields: [
      {
        name: 'url',
        label: words('address'),
        kind: 'url',
        hint: words('addressHint'),
        input: { placeholder: 'https://example.org/hook' },
      },
    ],
    submit: words('save'),
    run: save,
    load,
    buttons: [test],
  })
  form.button.parentElement.before(picker.element)

  async function load() {
    const { webhook, subscribe } = await askUser('webhook')
    form.fill({ url: webhook })
    picker.names = (subscribe ?? []).filter(Boolean)
  }

  async function save({ url }) {
    const events = picker.names
    if (events.length === 0) {
      // The server keeps the subscriptions of a call without events, so none at all takes a call of its own.
      await askUser('webhook', { method: 'DELETE' })
      if (url) await askUser('webhook', { method: 'POST', body: { webhookURL: url } })
      return words('savedWithoutEvents')
    }
    await askUser('webhook', { method: 'POST', body: { webhookURL: url, events } })
    return words(url ? 'saved' : 'savedWithoutAddress')
  }

  async function sendTest() {
    try {
      await askUser('parley/me/webhooks/test?target=user', { method: 'POST' })
    } catch (error) {
      if (error.status === CONFLICT) return words('testNowhere')
      throw error
    }
    const link = element('a', { href: userAddress(id, 'deliveries'), textContent: words('seeDelivery') })
    return [`${words('testSent')} `, link]
  }

  return { elements: [form.element] }
}
