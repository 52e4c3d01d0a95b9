import { ask } from '../../api.js'
import { element } from '../parts/dom.js'
import { createEventPicker } from '../parts/event-picker.js'
import { createForm, sideButton } from '../parts/form.js'
import { userAddress } from '../route.js'

const FIELDS = [
  {
    name: 'url',
    label: 'Address that receives events',
    kind: 'url',
    hint: 'Empty for none. Events are repeated until the address answers with a status of 2xx.',
    input: { placeholder: 'https://example.org/hook' },
  },
]

export const webhookSection = {
  name: 'webhook',
  title: 'Webhook',
  open({ id, admin, askUser, server }) {
    const picker = createEventPicker()
    const test = sideButton('Send a test event', {
      hidden: !server.has('parley/users/{id}/test-event'),
      onclick: () => form.attempt(test, sendTest),
    })
    const form = createForm({ fields: FIELDS, submit: 'Save', run: save, load, buttons: [test] })
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
        return 'Saved. Nothing is sent until you choose events.'
      }
      await askUser('webhook', { method: 'POST', body: { webhookURL: url, events } })
      return url ? 'Saved. New events go there from now on.' : 'Saved. No webhook is called.'
    }

    async function sendTest() {
      const path = `parley/users/${encodeURIComponent(id)}/test-event`
      const { deliveries } = await ask(path, { method: 'POST', admin })
      if (deliveries.length === 0) return 'There is nowhere to send it. Enter an address and save it first.'
      const link = element('a', { href: userAddress(id, 'deliveries'), textContent: 'See its delivery' })
      return ['A test event is on its way. ', link]
    }

    return { elements: [form.element] }
  },
}
