import { ask } from '../../api.js'
import { newSecret } from '../../new-secret.js'
import { element } from '../parts/dom.js'
import { createForm } from '../parts/form.js'
import { importAddress, LINK_NOW, userAddress } from '../route.js'
import { createFirstSteps } from './first-steps.js'
import { words } from './words.js'

/** What an administrator sees on a server on which nobody has made a user yet: the way to the first one. */
export function openFirstStepsView({ admin, server }) {
  const form = createForm({
    fields: [
      {
        name: 'name',
        label: words('name'),
        required: true,
        hint: words('nameHint'),
        input: { maxLength: 80 },
      },
    ],
    submit: words('start'),
    async run({ name }) {
      const body = { name, token: newSecret(), events: 'All' }
      const { id } = await ask('admin/users', { method: 'POST', admin, body })
      location.hash = userAddress(id, LINK_NOW)
    },
  })

  return {
    element: element(
      'section',
      { aria: { labelledby: 'view-title' } },
      element('h1', { id: 'view-title', textContent: words('welcome') }),
      element('p', { className: 'lead', textContent: words('stepsLead') }),
      element(
        'div',
        { className: 'columns' },
        form.element,
        element('div', { className: 'card' }, createFirstSteps({ server, isSignedIn: true })),
      ),
      element(
        'p',
        { className: 'actions other-ways' },
        server.has('parley/import-jobs') &&
          element('a', { href: importAddress(), textContent: words('moveHere') }),
        element('a', { href: '#/users', textContent: words('withoutPhone') }),
      ),
    ),
    enter: () => form.fields.name.control.focus(),
    close() {},
  }
}
