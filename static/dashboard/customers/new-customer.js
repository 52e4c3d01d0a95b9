import { ask } from '../../api.js'
import { showCreation } from '../parts/creation.js'
import { element, noticeElement } from '../parts/dom.js'
import { createForm, sideButton } from '../parts/form.js'
import { createShownOnce } from '../parts/shown-once.js'
import { customerAddress } from '../route.js'
import { CUSTOMERS, deviceCommand, FIELDS } from './customers.js'
import { words } from './words.js'

/** Enough for a small company; both can be changed later. */
const USUAL = { max_devices: 10, rate_limit_per_hour: 1_000 }
/** A new one has no devices that its limit could leave alone. */
const FIELDS_OF_NEW = FIELDS.map(({ hint, ...field }) =>
  field.name === 'max_devices' ? field : { ...field, hint },
)

/** Asks for a new customer, then shows its key. */
export function openNewCustomer({ admin, onCreated }) {
  const form = createForm({
    fields: FIELDS_OF_NEW,
    submit: words('createCustomer'),
    async run(body) {
      const customer = await ask(CUSTOMERS, { method: 'POST', admin, body })
      showKey(customer)
      onCreated()
    },
  })
  form.fill(USUAL)
  form.element.classList.remove('card')
  showCreation({ title: words('newCustomer'), close: words('cancel'), content: [form.element] })
  form.fields.customer_name.control.focus()
}

/** Also when the dialog was closed meanwhile: nobody else knows the key. */
function showKey({ id, customer_name: name, api_key: key }) {
  const notice = noticeElement()
  const shown = createShownOnce({ label: words('newKey'), what: words('key'), notice: () => notice })
  shown.show(key)
  shown.copyButton.classList.add('primary')
  shown.copyButton.textContent = words('copyKey')
  showCreation({
    title: words('keyOf', { name }),
    close: words('done'),
    content: [
      element(
        'div',
        { className: 'stack' },
        element('p', {}, element('b', { textContent: words('keyOnce') }), ` ${words('keyGive')}`),
        shown.output,
        element('p', { className: 'hint', textContent: words('keyUse') }),
        element('pre', { className: 'code', textContent: deviceCommand(key) }),
        element(
          'div',
          { className: 'actions' },
          shown.copyButton,
          sideButton(words('openCustomer'), { onclick: () => location.assign(customerAddress(id)) }),
        ),
        notice,
      ),
    ],
  })
  shown.copyButton.focus()
}
