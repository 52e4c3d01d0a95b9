import { newSecret } from '../../new-secret.js'
import { confirmFirst, copy, setText } from '../../page.js'
import { element } from '../parts/dom.js'
import { createForm, sideButton } from '../parts/form.js'

const KEY_LENGTH = 48
const FIELDS = [
  {
    name: 'key',
    label: 'Key',
    kind: 'secret',
    required: true,
    hint: 'At least 32 characters. It is stored encrypted and never shown again, so keep a copy.',
    input: { minLength: 32 },
  },
]

export const signingSection = {
  name: 'signing',
  title: 'Signing',
  open({ askUser }) {
    const state = element('p', { className: 'lead-in', attributes: { role: 'status' } })
    const remove = sideButton('Remove key', {
      className: 'danger',
      hidden: true,
      onclick: () => form.attempt(remove, removeKey),
    })
    const form = createForm({
      fields: FIELDS,
      submit: 'Save key',
      run: save,
      load,
      before: [
        state,
        element(
          'p',
          { className: 'hint' },
          'With a key, every webhook carries ',
          element('code', { textContent: 'x-hmac-signature' }),
          ': the HMAC-SHA256 of the body, in hexadecimal. The receiver computes it too and compares.',
        ),
      ],
      buttons: [
        sideButton('Generate', { onclick: generate }),
        sideButton('Copy', { onclick: copyKey }),
        remove,
      ],
    })

    async function load() {
      const { hmac_key: masked } = await askUser('session/hmac/config')
      show(masked !== '')
    }

    function show(isSigned) {
      setText(
        state,
        isSigned ? 'A key is set: webhooks are signed.' : 'No key is set: webhooks are not signed.',
      )
      remove.hidden = !isSigned
    }

    function generate() {
      form.fill({ key: newSecret(KEY_LENGTH) })
    }

    function copyKey() {
      return copy(form.fields.key.value, 'Key', form.notice)
    }

    async function save({ key }) {
      await askUser('session/hmac/config', { method: 'POST', body: { hmac_key: key } })
      form.fill({ key: '' })
      show(true)
      return 'Saved. Webhooks are signed with this key from now on.'
    }

    async function removeKey() {
      const agreed = await confirmFirst({
        title: 'Remove the key?',
        text: 'Webhooks are no longer signed. A receiver that checks signatures will refuse them.',
        yes: 'Remove',
      })
      if (!agreed) return ''
      await askUser('session/hmac/config', { method: 'DELETE' })
      show(false)
      return 'Removed. Webhooks are no longer signed.'
    }

    return { elements: [form.element] }
  },
}
