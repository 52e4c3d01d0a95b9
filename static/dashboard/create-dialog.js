import { ask } from '../api.js'
import { newSecret } from '../new-secret.js'
import { showCreation } from './parts/creation.js'
import { createForm, sideButton } from './parts/form.js'
import { userAddress } from './route.js'
import { words } from './words.js'

const FIELDS = [
  { name: 'name', label: words('name'), required: true, input: { maxLength: 80 } },
  {
    name: 'token',
    label: words('token'),
    required: true,
    hint: words('tokenHint'),
    input: { className: 'code' },
  },
  {
    name: 'webhook',
    label: words('webhookAddress'),
    kind: 'url',
    hint: words('webhookAddressHint'),
    input: { placeholder: 'https://example.org/hook' },
  },
  {
    name: 'days',
    label: words('daysOfHistory'),
    kind: 'number',
    hint: words('daysOfHistoryHint'),
    input: { min: 0, max: 365, step: 1 },
  },
]

/** Asks for a new user and goes on to its page. */
export function openCreateDialog({ admin }) {
  const form = createForm({
    fields: FIELDS,
    submit: words('createUser'),
    buttons: [sideButton(words('anotherToken'), { onclick: () => form.fill({ token: newSecret() }) })],
    async run({ name, token, webhook, days }) {
      const body = { name, token, webhook, events: 'All', days_to_sync_history: days ?? 0 }
      const { id } = await ask('admin/users', { method: 'POST', admin, body })
      close()
      location.hash = userAddress(id)
    },
  })
  form.fill({ token: newSecret() })
  form.element.classList.remove('card')
  const close = showCreation({ title: words('newUser'), close: words('cancel'), content: [form.element] })
  form.fields.name.control.focus()
}
