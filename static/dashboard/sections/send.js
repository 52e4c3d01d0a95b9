import { addressOf } from '../../api.js'
import { answeringContacts } from '../../sandbox.js'
import { dataUrlOf } from '../data-url.js'
import { element, freshId, momentText } from '../parts/dom.js'
import { createField } from '../parts/fields.js'
import { createForm } from '../parts/form.js'
import { bodyOf, MESSAGE_KINDS } from './message-kinds.js'
import { words } from './words.js'

const MAX_SENT = 20
/** From this length on, a value would hide the rest of a command. */
const MAX_SHOWN = 120

export function openSend({ admin, askUser, server }) {
  const kinds = MESSAGE_KINDS.filter(({ path }) => server.has(path))
  const contacts = element('datalist', { id: freshId('contacts') })
  const answering = element('p', { className: 'hint' })
  const recipient = createField({
    name: 'to',
    label: words('sendTo'),
    required: true,
    hint: words('sendToHint'),
    input: { placeholder: '4915112345678', inputMode: 'tel' },
  })
  recipient.control.setAttribute('list', contacts.id)
  const choice = createField({
    name: 'kind',
    label: words('sendKind'),
    kind: 'choice',
    options: kinds.map(({ title, path }) => [path, title]),
  })
  const place = element('div')
  const sent = element('ol', { className: 'sent', aria: { live: 'polite', label: words('sentInTab') } })
  const nothing = element('p', {
    className: 'hint',
    textContent: words('sentNothing'),
  })
  const offline = element('p', {
    className: 'notice bad',
    hidden: true,
    textContent: words('sendOffline'),
  })
  let form
  let lastId = ''

  choice.control.addEventListener('change', showKind)
  showKind()
  if (server.network === 'sandbox' && admin) void suggestContacts()

  function showKind() {
    const kind = kinds.find(({ path }) => path === choice.value)
    form = createForm({
      fields: kind.fields,
      submit: words('send'),
      before: [choice.elements, recipient.elements, contacts, answering].flat(),
      run: (values, tell) => send(kind, values, tell),
    })
    form.fill(Object.fromEntries(kind.fields.map(({ name, value }) => [name, value])))
    if (form.fields.Id) form.fields.Id.value = lastId
    keepFileName(form.fields)
    const hadFocus = document.activeElement === choice.control
    place.replaceChildren(form.element)
    if (hadFocus) choice.control.focus()
  }

  async function send(kind, values, tell) {
    const to = recipient.value.replace(/^\+/, '')
    for (const { name, kind: fieldKind, sample } of kind.fields) {
      if (fieldKind !== 'file') continue
      tell(words('readingFile'))
      values[name] = await dataUrlOf(values[name], sample)
    }
    const body = bodyOf(kind, to, values)
    tell(words('sending'))
    const reply = await askUser(kind.path, { method: 'POST', body })
    if (reply.Id && kind.path.startsWith('chat/send/')) lastId = reply.Id
    addSent(kind, body, reply)
    return words('sentKind', { kind: kind.title })
  }

  function addSent(kind, body, reply) {
    nothing.hidden = true
    sent.prepend(
      element(
        'li',
        {},
        element(
          'p',
          {},
          element('b', { textContent: kind.title }),
          words('sentTo', { to: recipient.value, moment: momentText(Date.now()) }),
        ),
        reply.Id && element('p', { className: 'code', textContent: reply.Id }),
        element(
          'details',
          {},
          element('summary', { textContent: words('asCommand') }),
          element('pre', { className: 'code', textContent: commandOf(kind.path, body) }),
        ),
      ),
    )
    while (sent.children.length > MAX_SENT) sent.lastChild.remove()
  }

  async function suggestContacts() {
    const known = await answeringContacts(admin)
    const [first] = known
    if (!first) return
    contacts.replaceChildren(...known.map(({ phone, name }) => new Option(name, phone)))
    answering.textContent = words('answering', first)
    if (!recipient.value) recipient.value = first.phone
  }

  return {
    elements: [
      offline,
      element(
        'div',
        { className: 'columns' },
        place,
        element('div', { className: 'card' }, element('h3', { textContent: words('sent') }), sent, nothing),
      ),
    ],
    show({ connected, loggedIn }) {
      offline.hidden = connected && loggedIn
    },
  }
}

/** A chosen document brings its name along. */
function keepFileName({ Document: document, FileName: name }) {
  document?.control.addEventListener('change', () => {
    if (document.value) name.value = document.value.name
  })
}

/** The request as a command for a terminal, with placeholders for the token and for files. */
function commandOf(path, body) {
  const shortened = JSON.stringify(body, (_key, value) =>
    typeof value === 'string' && value.length > MAX_SHOWN && value.startsWith('data:')
      ? `${value.slice(0, 40)}...`
      : value,
  )
  return [
    `curl -X POST ${addressOf(path)} \\`,
    `  -H 'Token: TOKEN' \\`,
    `  -H 'Content-Type: application/json' \\`,
    `  --data '${shortened.replaceAll("'", String.raw`'\''`)}'`,
  ].join('\n')
}
