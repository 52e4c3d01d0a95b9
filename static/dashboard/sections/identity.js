import { ask } from '../../api.js'
import { newSecret } from '../../new-secret.js'
import { confirmFirst, copy } from '../../page.js'
import { element } from '../parts/dom.js'
import { createForm, sideButton } from '../parts/form.js'
import { words } from './words.js'

const FIELDS = [
  { name: 'name', label: words('name'), required: true, input: { maxLength: 80 } },
  {
    name: 'token',
    label: words('token'),
    kind: 'secret',
    required: true,
    hint: words('tokenHint'),
  },
  {
    name: 'profile',
    label: words('replies'),
    kind: 'choice',
    hint: words('repliesHint'),
    options: [
      ['', words('repliesSame')],
      ['reference', words('repliesReference')],
      ['current', words('repliesCurrent')],
    ],
  },
]

export function openIdentity({ id, admin, currentUser, refresh }) {
  const path = `admin/users/${encodeURIComponent(id)}`
  const form = createForm({
    fields: FIELDS,
    submit: words('save'),
    async run(body) {
      await ask(path, { method: 'PUT', admin, body })
      form.fill({ profile: '' })
      refresh()
      return words('saved')
    },
    buttons: [
      sideButton(words('anotherToken'), { onclick: () => form.fill({ token: newSecret() }) }),
      sideButton(words('copyToken'), {
        onclick: () => copy(form.fields.token.value, words('token'), form.notice),
      }),
    ],
  })
  const { name, token } = currentUser()
  form.fill({ name, token })

  const removal = createForm({
    fields: [],
    submit: words('deleteUser'),
    before: [
      element('h3', { textContent: words('deleteTitle') }),
      element('p', {
        className: 'hint',
        textContent: words('deleteHint'),
      }),
    ],
    async run() {
      const { name } = currentUser()
      const agreed = await confirmFirst({
        title: name ? words('deleteAsk', { name }) : words('deleteAskNameless'),
        text: words('deleteText'),
        yes: words('deleteYes'),
      })
      if (!agreed) return
      await ask(`${path}/full`, { method: 'DELETE', admin })
      location.hash = '#/'
    },
  })
  removal.button.className = 'danger'
  return { elements: [form.element, removal.element] }
}
