import { createForm } from '../parts/form.js'

const FIELDS = [
  {
    name: 'history',
    label: 'Messages kept per chat',
    kind: 'number',
    required: true,
    hint: '0 keeps none. Programs read them at /chat/history.',
    input: { min: 0, step: 1 },
  },
  {
    name: 'days_to_sync_history',
    label: 'Days of history to fetch when a phone is linked',
    kind: 'number',
    required: true,
    hint: '0 to 365. It counts for the next linking; a phone that is linked now has to be logged out first.',
    input: { min: 0, max: 365, step: 1 },
  },
]

export const historySection = {
  name: 'history',
  title: 'History',
  open({ askUser, currentUser, refresh }) {
    const { history, days_to_sync_history } = currentUser()
    const form = createForm({
      fields: FIELDS,
      submit: 'Save',
      async run(body) {
        await askUser('session/history', { method: 'POST', body })
        refresh()
        return 'Saved.'
      },
    })
    form.fill({ history, days_to_sync_history })
    return { elements: [form.element] }
  },
}
