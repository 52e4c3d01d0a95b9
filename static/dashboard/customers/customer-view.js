import { advise, ask } from '../../api.js'
import { confirmFirst, sayIn, setText, whileBusy } from '../../page.js'
import { element, momentText, noticeElement } from '../parts/dom.js'
import { createFacts } from '../parts/facts.js'
import { createForm, sideButton } from '../parts/form.js'
import { poll } from '../parts/poll.js'
import { createCustomerDevices } from './customer-devices.js'
import { CUSTOMERS, devicesText, FIELDS, rateText } from './customers.js'

const PAUSE_MS = 3_000

const FACTS = [
  { label: 'Key', say: ({ api_key_masked: key }) => key },
  { label: 'E-mail', say: ({ customer_email: email }) => email },
  { label: 'Phone', say: ({ customer_phone: phone }) => phone },
  { label: 'Devices', say: devicesText },
  { label: 'Requests', say: rateText },
  {
    label: 'Created',
    say: ({ created_at: created, updated_at: updated }) =>
      `${momentText(created)}${updated === created ? '' : `, changed ${momentText(updated)}`}`,
  },
]

/** One customer: its state, what is known of it, its devices, and what can be changed. */
export function openCustomerView({ id, admin, onUnknownToken }) {
  const path = `${CUSTOMERS}/${encodeURIComponent(id)}`
  let customer

  const notice = noticeElement()
  const name = element('h1', { id: 'view-title', textContent: 'Customer' })
  const title = element('p', { className: 'state small-state', textContent: 'Asking the server' })
  const detail = element('p', { className: 'hint' })
  const head = element(
    'div',
    { className: 'user-head' },
    name,
    element('div', { attributes: { role: 'status' } }, title, detail),
  )
  const enable = switchButton('Enable', { className: 'primary', work: () => setActive(true) })
  const disable = switchButton('Disable', { className: 'danger', work: disableIfAgreed })
  const facts = createFacts(FACTS)
  const devices = createCustomerDevices()
  const form = createForm({
    fields: FIELDS,
    submit: 'Save',
    run: save,
    before: [element('h3', { textContent: 'Contact and limits' })],
  })
  const removal = createRemoval()
  const body = element(
    'div',
    { hidden: true },
    element('div', { className: 'card' }, facts.element),
    devices.element,
    element(
      'section',
      { aria: { labelledby: 'change-title' } },
      element('h2', { id: 'change-title', className: 'section-title', textContent: 'Change or delete' }),
      element('div', { className: 'columns' }, form.element, removal.element),
    ),
  )
  const view = element(
    'section',
    { className: 'customer', aria: { labelledby: 'view-title' } },
    element(
      'p',
      { className: 'eyebrow' },
      element('a', { href: '#/customers', textContent: 'All customers' }),
    ),
    element('div', { className: 'view-head' }, head, element('p', { className: 'actions' }, enable, disable)),
    notice,
    body,
  )
  const polling = poll({ look, notice, onUnknownToken })

  async function look(signal) {
    const found = await ask(path, { admin, signal }).catch(nobodyWhenMissing)
    if (!found) return showGone()
    // What somebody writes meanwhile is left alone.
    if (!customer) form.fill(found)
    customer = found
    head.dataset.customer = found.is_active ? 'active' : 'disabled'
    setText(name, found.customer_name)
    setText(title, found.is_active ? 'Active' : 'Disabled')
    setText(
      detail,
      found.is_active
        ? 'Its key and its devices are accepted.'
        : 'Its key and its devices are refused. The devices stay linked and their webhooks go on.',
    )
    showSwitch(found.is_active)
    facts.show(found)
    devices.show(found)
    body.hidden = false
    return PAUSE_MS
  }

  function showSwitch(isActive) {
    const hadFocus = [enable, disable].includes(document.activeElement)
    enable.hidden = isActive
    disable.hidden = !isActive
    // What had the focus has just gone.
    if (hadFocus) (isActive ? disable : enable).focus()
  }

  function showGone() {
    delete head.dataset.customer
    head.dataset.state = 'trouble'
    setText(title, 'This customer does not exist')
    setText(detail, 'It may have been deleted meanwhile. Go back to all customers.')
    enable.hidden = true
    disable.hidden = true
    body.hidden = true
    return PAUSE_MS
  }

  async function save(values) {
    await ask(path, { method: 'PATCH', admin, body: values })
    polling.now()
    return 'Saved.'
  }

  async function disableIfAgreed() {
    const agreed = await confirmFirst({
      title: `Disable ${customer.customer_name}?`,
      text: 'Its key and its devices are refused at once. The devices stay linked and their webhooks go on; everything works again once the customer is enabled.',
      yes: 'Disable',
    })
    if (agreed) await setActive(false)
  }

  async function setActive(isActive) {
    await ask(path, { method: 'PATCH', admin, body: { is_active: isActive } })
    polling.now()
  }

  function switchButton(words, { className, work }) {
    const button = sideButton(words, { className, hidden: true })
    button.addEventListener('click', () =>
      whileBusy(button, async () => {
        sayIn(notice, '')
        try {
          await work()
        } catch (error) {
          sayIn(notice, advise(error))
        }
      }),
    )
    return button
  }

  function createRemoval() {
    const made = createForm({
      fields: [],
      submit: 'Delete customer',
      before: [
        element('h3', { textContent: 'Delete this customer' }),
        element('p', {
          className: 'hint',
          textContent:
            'Its key stops working, its devices are unlinked and everything stored for them is removed.',
        }),
      ],
      run: removeIfAgreed,
    })
    made.button.className = 'danger'
    return made
  }

  async function removeIfAgreed() {
    const agreed = await confirmFirst({
      title: `Delete ${customer.customer_name}?`,
      text: removalText(customer),
      yes: 'Delete',
    })
    if (!agreed) return
    await ask(path, { method: 'DELETE', admin })
    location.hash = '#/customers'
  }

  return { element: view, close: () => polling.stop() }
}

function removalText({ device_count: count }) {
  const devices = count === 1 ? 'Its device is' : `All its ${count} devices are`
  return `Its key stops working at once. ${count > 0 ? `${devices} unlinked and removed. ` : ''}This cannot be undone.`
}

/** Also for an address that names no customer at all. */
function nobodyWhenMissing(error) {
  if (error.status === 404 || error.status === 400) return undefined
  throw error
}
