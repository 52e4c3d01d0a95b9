import { ask } from '../../api.js'
import { confirmFirst, setText } from '../../page.js'
import { element, momentText } from '../parts/dom.js'
import { createForm, sideButton } from '../parts/form.js'
import { createShownOnce } from '../parts/shown-once.js'

/** Of a secret, enough to tell it from another one. */
const SHOWN = 'whsec_'.length + 4
const HOURS = 3_600

const FIELDS = [
  {
    name: 'hours',
    label: 'Hours the present secret stays valid',
    kind: 'number',
    required: true,
    hint: 'Both sign meanwhile: give the new one to the receiver within this time.',
    input: { min: 0, max: 720, step: 1 },
  },
]

/** The secrets of Standard Webhooks: which are valid, a new one, none. */
export const webhookSecretsSection = {
  name: 'secrets',
  title: 'Secrets',
  needs: 'parley/targets/{id}/secret',
  open({ id, admin }) {
    const path = `parley/targets/${encodeURIComponent(`user:${id}`)}/secret`
    const state = element('p', { className: 'lead-in', attributes: { role: 'status' } })
    const former = element('p', { className: 'hint' })
    const fresh = createShownOnce({ label: 'New secret', what: 'Secret', notice: () => form.notice })
    const remove = sideButton('Remove', {
      className: 'danger',
      hidden: true,
      onclick: () => form.attempt(remove, removeSecrets),
    })
    const form = createForm({
      fields: FIELDS,
      submit: 'Make a new secret',
      run: rotate,
      load,
      before: [
        element(
          'p',
          { className: 'hint' },
          'With a secret, every webhook carries ',
          element('code', { textContent: 'webhook-signature' }),
          ', which the libraries of Standard Webhooks verify.',
        ),
        state,
        former,
        fresh.output,
      ],
      buttons: [fresh.copyButton, remove],
    })

    async function load() {
      form.fill({ hours: '24' })
      show(await ask(path, { admin }).catch(noneWhenMissing))
    }

    function show({ secret, previous, previousUntil }) {
      setText(state, secret ? `Signed with ${briefly(secret)}` : 'No secret is set.')
      setText(former, previous ? `${briefly(previous)} signs, too, until ${momentText(previousUntil)}.` : '')
      former.hidden = !previous
      remove.hidden = !secret
    }

    async function rotate({ hours }) {
      const body = { graceSeconds: Number(hours) * HOURS }
      const secrets = await ask(path, { method: 'POST', admin, body })
      fresh.show(secrets.secret)
      show(secrets)
      return 'This is the new secret. It is not shown here again.'
    }

    async function removeSecrets() {
      const agreed = await confirmFirst({
        title: 'Remove the secrets?',
        text: 'Webhooks no longer carry webhook-signature. A receiver that verifies it will refuse them.',
        yes: 'Remove',
      })
      if (!agreed) return ''
      await ask(path, { method: 'DELETE', admin })
      fresh.show('')
      show({})
      return 'Removed.'
    }

    return { elements: [form.element] }
  },
}

function noneWhenMissing(error) {
  if (error.status === 404) return {}
  throw error
}

function briefly(secret) {
  return `${secret.slice(0, SHOWN)}…`
}
