import { createForm } from '../parts/form.js'
import { words } from './words.js'

const FIELDS = [
  {
    name: 'history',
    label: words('historyLabel'),
    kind: 'number',
    required: true,
    hint: words('historyHint'),
    input: { min: 0, step: 1 },
  },
  {
    name: 'days_to_sync_history',
    label: words('historyDays'),
    kind: 'number',
    required: true,
    hint: words('historyDaysHint'),
    input: { min: 0, max: 365, step: 1 },
  },
]

export function openHistory({ askUser, currentUser, refresh }) {
  const { history, days_to_sync_history } = currentUser()
  const form = createForm({
    fields: FIELDS,
    submit: words('save'),
    async run(body) {
      await askUser('session/history', { method: 'POST', body })
      refresh()
      return words('saved')
    },
  })
  form.fill({ history, days_to_sync_history })
  return { elements: [form.element] }
}
