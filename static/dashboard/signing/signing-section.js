import { newSecret } from '../../new-secret.js'
import { confirmFirst, copy, setText } from '../../page.js'
import { receiverName } from '../deliveries/names.js'
import { element, momentText } from '../parts/dom.js'
import { createField } from '../parts/fields.js'
import { createForm, sideButton } from '../parts/form.js'
import { createShownOnce } from '../parts/shown-once.js'
import { words } from './words.js'

const KEY_LENGTH = 48
/** Of a secret, enough to tell it from another one. */
const SHOWN = 'whsec_'.length + 4
const HOURS = 3_600
/** The header of the dialects that sign with a key of their own, by the first word of their webhooks. */
const OWN_HEADERS = { user: 'x-hmac-signature', multisession: 'X-Webhook-Signature' }

/** How a receiver knows who sent a webhook: the secret of Standard Webhooks, and the key of the dialect's own signature. */
export function openSigning({ askUser }) {
  const which = createField({ name: 'webhook', label: words('webhook'), kind: 'choice', options: [] })
  const choice = element('div', { className: 'filter', hidden: true }, which.elements)
  const place = element('div', { className: 'stack' })
  which.control.add(new Option(receiverName('user'), 'user'))
  which.control.addEventListener('change', show)
  show()
  void offerOthers()

  /** Those with an address; without them there is the first one of every user. */
  async function offerOthers() {
    const { webhooks } = await askUser('parley/me/webhooks').catch(() => ({ webhooks: [] }))
    for (const { target, url } of webhooks)
      if (url !== '' && target !== 'user') which.control.add(new Option(receiverName(target), target))
    choice.hidden = which.control.options.length < 2
  }

  function show() {
    const target = which.value
    const header = OWN_HEADERS[target.split('/')[0]]
    place.replaceChildren(
      createSecretForm(askUser, target).element,
      ...(header ? [createKeyForm(askUser, { target, header }).element] : []),
    )
  }

  return { elements: [element('p', { className: 'hint', textContent: words('lead') }), choice, place] }
}

/** The secrets of Standard Webhooks: which are valid, a new one, none. */
function createSecretForm(askUser, target) {
  const path = `parley/me/secret?${new URLSearchParams({ target })}`
  const state = element('p', { className: 'lead-in', attributes: { role: 'status' } })
  const former = element('p', { className: 'hint' })
  const fresh = createShownOnce({
    label: words('newSecret'),
    what: words('secret'),
    notice: () => form.notice,
  })
  const remove = sideButton(words('remove'), {
    className: 'danger',
    hidden: true,
    onclick: () => form.attempt(remove, removeSecrets),
  })
  const form = createForm({
    fields: [
      {
        name: 'hours',
        label: words('hours'),
        kind: 'number',
        required: true,
        hint: words('hoursHint'),
        input: { min: 0, max: 720, step: 1 },
      },
    ],
    submit: words('makeSecret'),
    run: rotate,
    load,
    before: [
      element('h3', { textContent: words('standard') }),
      explained('standardHint', 'webhook-signature'),
      state,
      former,
      fresh.output,
    ],
    buttons: [fresh.copyButton, remove],
  })

  async function load() {
    form.fill({ hours: '24' })
    show(await askUser(path).catch(noneWhenMissing))
  }

  function show({ secret, previous, previousUntil }) {
    setText(state, secret ? words('signedWith', { secret: briefly(secret) }) : words('noSecret'))
    setText(
      former,
      previous ? words('formerSigns', { secret: briefly(previous), moment: momentText(previousUntil) }) : '',
    )
    former.hidden = !previous
    remove.hidden = !secret
  }

  async function rotate({ hours }) {
    const body = { graceSeconds: Number(hours) * HOURS }
    const secrets = await askUser(path, { method: 'POST', body })
    fresh.show(secrets.secret)
    show(secrets)
    return words('shownOnce')
  }

  async function removeSecrets() {
    const agreed = await confirmFirst({
      title: words('removeSecretsTitle'),
      text: words('removeSecretsText'),
      yes: words('remove'),
    })
    if (!agreed) return ''
    await askUser(path, { method: 'DELETE' })
    fresh.show('')
    show({})
    return words('secretsRemoved')
  }

  return form
}

/** The key of the dialect's own signature. */
function createKeyForm(askUser, { target, header }) {
  const state = element('p', { className: 'lead-in', attributes: { role: 'status' } })
  const remove = sideButton(words('removeKey'), {
    className: 'danger',
    hidden: true,
    onclick: () => form.attempt(remove, removeKey),
  })
  const form = createForm({
    fields: [
      {
        name: 'key',
        label: words('key'),
        kind: 'secret',
        required: true,
        hint: words('keyHint'),
        input: { minLength: 32 },
      },
    ],
    submit: words('saveKey'),
    run: save,
    load,
    before: [element('h3', { textContent: words('ownSignature') }), explained('keyExplained', header), state],
    buttons: [
      sideButton(words('generate'), { onclick: () => form.fill({ key: newSecret(KEY_LENGTH) }) }),
      sideButton(words('copy'), { onclick: () => copy(form.fields.key.value, words('key'), form.notice) }),
      remove,
    ],
  })

  async function load() {
    const { webhooks } = await askUser('parley/me/webhooks')
    show(webhooks.find((one) => one.target === target)?.hasHmacKey === true)
  }

  function show(isSigned) {
    setText(state, words(isSigned ? 'keySet' : 'noKey'))
    remove.hidden = !isSigned
  }

  function put(hmacKey) {
    const path = `parley/me/webhooks?${new URLSearchParams({ target })}`
    return askUser(path, { method: 'PUT', body: { hmacKey } })
  }

  async function save({ key }) {
    await put(key)
    form.fill({ key: '' })
    show(true)
    return words('keySaved')
  }

  async function removeKey() {
    const agreed = await confirmFirst({
      title: words('removeKeyTitle'),
      text: words('removeKeyText'),
      yes: words('remove'),
    })
    if (!agreed) return ''
    await put('')
    show(false)
    return words('keyRemoved')
  }

  return form
}

/** A sentence with the name of a header in it. */
function explained(key, header) {
  const [before, after] = words(key, { header: '\n' }).split('\n')
  return element('p', { className: 'hint' }, before, element('code', { textContent: header }), after)
}

function noneWhenMissing(error) {
  if (error.status === 404) return {}
  throw error
}

function briefly(secret) {
  return `${secret.slice(0, SHOWN)}…`
}
