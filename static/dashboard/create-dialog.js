import { ask } from '../api.js'
import { newSecret } from '../new-secret.js'
import { showCreation } from './parts/creation.js'
import { createForm, sideButton } from './parts/form.js'
import { userAddress } from './route.js'

const FIELDS = [
  { name: 'name', label: 'Name', required: true, input: { maxLength: 80 } },
  {
    name: 'token',
    label: 'Token',
    required: true,
    hint: 'Programs send it in the Token header. Treat it like a password.',
    input: { className: 'code' },
  },
  {
    name: 'webhook',
    label: 'Webhook address',
    kind: 'url',
    hint: 'Optional: where events are sent. It gets all of them until you choose.',
    input: { placeholder: 'https://example.org/hook' },
  },
  {
    name: 'days',
    label: 'Days of history to fetch when the phone is linked',
    kind: 'number',
    hint: 'Optional, 0 to 365. Linking is the only moment WhatsApp gives it.',
    input: { min: 0, max: 365, step: 1 },
  },
]

/** Asks for a new user and goes on to its page. */
export function openCreateDialog({ admin }) {
  const form = createForm({
    fields: FIELDS,
    submit: 'Create user',
    buttons: [sideButton('Another token', { onclick: () => form.fill({ token: newSecret() }) })],
    async run({ name, token, webhook, days }) {
      const body = { name, token, webhook, events: 'All', days_to_sync_history: days ?? 0 }
      const { id } = await ask('admin/users', { method: 'POST', admin, body })
      close()
      location.hash = userAddress(id)
    },
  })
  form.fill({ token: newSecret() })
  form.element.classList.remove('card')
  const close = showCreation({ title: 'New user', close: 'Cancel', content: [form.element] })
  form.fields.name.control.focus()
}
