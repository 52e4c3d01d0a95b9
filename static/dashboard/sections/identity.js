import { ask } from '../../api.js'
import { newSecret } from '../../new-secret.js'
import { confirmFirst, copy } from '../../page.js'
import { element } from '../parts/dom.js'
import { createForm, sideButton } from '../parts/form.js'

const FIELDS = [
  { name: 'name', label: 'Name', required: true, input: { maxLength: 80 } },
  {
    name: 'token',
    label: 'Token',
    kind: 'secret',
    required: true,
    hint: 'A new one replaces the old one at once: programs that use the old one are refused from then on.',
  },
  {
    name: 'profile',
    label: 'Replies follow',
    kind: 'choice',
    hint: 'Which edition of wuzapi this user’s programs were written for. The server does not say what is set.',
    options: [
      ['', 'Leave as it is'],
      ['reference', 'wuzapi’s reference document'],
      ['current', 'the newest wuzapi'],
    ],
  },
]

export const identitySection = {
  name: 'identity',
  title: 'Name and token',
  open({ id, admin, currentUser, refresh }) {
    const path = `admin/users/${encodeURIComponent(id)}`
    const form = createForm({
      fields: FIELDS,
      submit: 'Save',
      async run(body) {
        await ask(path, { method: 'PUT', admin, body })
        form.fill({ profile: '' })
        refresh()
        return 'Saved.'
      },
      buttons: [
        sideButton('Another token', { onclick: () => form.fill({ token: newSecret() }) }),
        sideButton('Copy token', { onclick: () => copy(form.fields.token.value, 'Token', form.notice) }),
      ],
    })
    const { name, token } = currentUser()
    form.fill({ name, token })

    const removal = createForm({
      fields: [],
      submit: 'Delete user',
      before: [
        element('h3', { textContent: 'Delete this user' }),
        element('p', {
          className: 'hint',
          textContent: 'Its phone is unlinked and everything stored for it is removed.',
        }),
      ],
      async run() {
        const agreed = await confirmFirst({
          title: `Delete ${currentUser().name || 'this user'}?`,
          text: 'Its phone is unlinked and everything stored for it is removed. This cannot be undone.',
          yes: 'Delete',
        })
        if (!agreed) return
        await ask(`${path}/full`, { method: 'DELETE', admin })
        location.hash = '#/'
      },
    })
    removal.button.className = 'danger'
    return { elements: [form.element, removal.element] }
  },
}
