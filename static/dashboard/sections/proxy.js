import { setText } from '../../page.js'
import { element } from '../parts/dom.js'
import { createForm } from '../parts/form.js'

const FIELDS = [
  { name: 'enable', label: 'Reach WhatsApp through a proxy', kind: 'check' },
  {
    name: 'proxy_url',
    label: 'Address of the proxy',
    kind: 'url',
    hint: 'http:// or socks5://, with user and password if it wants them.',
    input: { placeholder: 'socks5://user:password@proxy.example.org:1080' },
  },
  { name: 'webhook_use_proxy', label: 'Send webhooks through it as well', kind: 'check' },
]

export const proxySection = {
  name: 'proxy',
  title: 'Proxy',
  open({ askUser, currentUser, reconnectAround }) {
    const { proxy_config: known } = currentUser()
    const state = element('p', { className: 'hint', attributes: { role: 'status' } })
    const form = createForm({ fields: FIELDS, submit: 'Save', run: save, before: [state] })
    const { enable, proxy_url: address } = form.fields
    form.fill({ enable: known.enabled, ...known })
    enable.control.addEventListener('change', showNeeded)
    showNeeded()

    function showNeeded() {
      address.control.required = enable.value
    }

    async function save(values) {
      await reconnectAround(() => askUser('session/proxy', { method: 'POST', body: values }))
      return values.enable
        ? 'Saved. The next connection goes through the proxy.'
        : 'Saved. Connections go out directly.'
    }

    return {
      elements: [form.element],
      show({ connected }) {
        setText(form.button, connected ? 'Save and reconnect' : 'Save')
        setText(
          state,
          connected ? 'A proxy can only be changed while disconnected: saving disconnects for a moment.' : '',
        )
      },
    }
  },
}
