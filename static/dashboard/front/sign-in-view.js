import { remember } from '../../credentials.js'
import { sayIn } from '../../page.js'
import { kindOf } from '../../sign-in.js'
import { element } from '../parts/dom.js'
import { createForm } from '../parts/form.js'
import { createFirstSteps } from './first-steps.js'
import { words } from './words.js'

/**
 * Asks whoever has not signed in for a token: the admin's, or that of a user.
 * @param {object} given
 * @param {{network: string, isNew: boolean}} given.server
 * @param {string} given.token one that the address brought along
 * @param {boolean} given.wasRefused whether a token that was accepted before is not any more
 * @param {() => Promise<void>} given.onSignedIn the tokens of the tab are known now
 */
export function openSignInView({ server, token, wasRefused, onSignedIn }) {
  const form = createForm({
    fields: [
      {
        name: 'token',
        label: words('token'),
        kind: 'secret',
        required: true,
        hint: words('hint'),
        input: { autocomplete: 'off' },
      },
    ],
    submit: words('signIn'),
    async run(values) {
      remember({ [await kindOf(values.token)]: values.token })
      await onSignedIn()
    },
  })
  form.notice.setAttribute('role', 'alert')
  if (wasRefused) sayIn(form.notice, words('refused'))
  if (token) void begin()

  /** Whoever follows a link with a token in it need not press anything. */
  async function begin() {
    form.fill({ token })
    await form.attempt(form.button, async () => {
      remember({ [await kindOf(token)]: token })
      await onSignedIn()
    })
  }

  return {
    element: element(
      'section',
      { className: 'narrow', aria: { labelledby: 'view-title' } },
      element('h1', { id: 'view-title', textContent: words('title') }),
      element('p', { className: 'lead', textContent: words('lead') }),
      form.element,
      server.isNew && createFirstSteps({ server, isSignedIn: false }),
    ),
    enter: () => form.fields.token.control.focus(),
    close() {},
  }
}
