import { setText } from '../../page.js'
import { element } from '../parts/dom.js'
import { createForm } from '../parts/form.js'
import { words } from './words.js'

const FIELDS = [
  { name: 'enable', label: words('proxyEnable'), kind: 'check' },
  {
    name: 'proxy_url',
    label: words('proxyAddress'),
    kind: 'url',
    hint: words('proxyAddressHint'),
    input: { placeholder: 'socks5://user:password@proxy.example.org:1080' },
  },
  { name: 'webhook_use_proxy', label: words('proxyWebhook'), kind: 'check' },
]

export function openProxy({ askUser, currentUser, reconnectAround }) {
  const { proxy_config: known } = currentUser()
  const state = element('p', { className: 'hint', attributes: { role: 'status' } })
  const form = createForm({ fields: FIELDS, submit: words('save'), run: save, before: [state] })
  const { enable, proxy_url: address } = form.fields
  form.fill({ enable: known.enabled, ...known })
  enable.control.addEventListener('change', showNeeded)
  showNeeded()

  function showNeeded() {
    address.control.required = enable.value
  }

  async function save(values) {
    await reconnectAround(() => askUser('session/proxy', { method: 'POST', body: values }))
    return words(values.enable ? 'proxySaved' : 'proxySavedNone')
  }

  return {
    elements: [form.element],
    show({ connected }) {
      setText(form.button, words(connected ? 'proxyReconnect' : 'save'))
      setText(state, connected ? words('proxyConnected') : '')
    },
  }
}
