import { advise, ask } from '../../api.js'
import { confirmFirst, sayIn, setText, whileBusy } from '../../page.js'
import { element, momentText, noticeElement } from '../parts/dom.js'
import { createFacts } from '../parts/facts.js'
import { createForm, sideButton } from '../parts/form.js'
import { poll } from '../parts/poll.js'
import { createCustomerDevices } from './customer-devices.js'
import { CUSTOMERS, devicesText, FIELDS, rateText } from './customers.js'
import { words } from './words.js'

const PAUSE_MS = 3_000

const FACTS = [
  { label: words('key'), say: ({ api_key_masked: key }) => key },
  { label: words('email'), say: ({ customer_email: email }) => email },
  { label: words('phone'), say: ({ customer_phone: phone }) => phone },
  { label: words('devices'), say: devicesText },
  { label: words('requests'), say: rateText },
  {
    label: words('created'),
    say: createdText,
  },
]

/** One customer: its state, what is known of it, its devices, and what can be changed. */
export function openCustomerView({ id, admin, onUnknownToken }) {
  const path = `${CUSTOMERS}/${encodeURIComponent(id)}`
  let customer

  const notice = noticeElement()
  const name = element('h1', { id: 'view-title', textContent: words('customer') })
  const title = element('p', { className: 'state small-state', textContent: words('asking') })
  const detail = element('p', { className: 'hint' })
  const head = element(
    'div',
    { className: 'user-head' },
    name,
    element('div', { attributes: { role: 'status' } }, title, detail),
  )
  const enable = switchButton(words('enable'), { className: 'primary', work: () => setActive(true) })
  const disable = switchButton(words('disable'), { className: 'danger', work: disableIfAgreed })
  const facts = createFacts(FACTS)
  const devices = createCustomerDevices()
  const form = createForm({
    fields: FIELDS,
    submit: words('save'),
    run: save,
    before: [element('h3', { textContent: words('contact') })],
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
      element('h2', { id: 'change-title', className: 'section-title', textContent: words('changeOrDelete') }),
      element('div', { className: 'columns' }, form.element, removal.element),
    ),
  )
  const view = element(
    'section',
    { className: 'customer', aria: { labelledby: 'view-title' } },
    element(
      'p',
      { className: 'eyebrow' },
      element('a', { href: '#/customers', textContent: words('allCustomers') }),
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
    setText(title, words(found.is_active ? 'active' : 'disabled'))
    setText(detail, words(found.is_active ? 'activeDetail' : 'disabledDetail'))
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
    setText(title, words('goneTitle'))
    setText(detail, words('goneDetail'))
    enable.hidden = true
    disable.hidden = true
    body.hidden = true
    return PAUSE_MS
  }

  async function save(values) {
    await ask(path, { method: 'PATCH', admin, body: values })
    polling.now()
    return words('saved')
  }

  async function disableIfAgreed() {
    const agreed = await confirmFirst({
      title: words('disableAsk', { name: customer.customer_name }),
      text: words('disableText'),
      yes: words('disable'),
    })
    if (agreed) await setActive(false)
  }

  async function setActive(isActive) {
    await ask(path, { method: 'PATCH', admin, body: { is_active: isActive } })
    polling.now()
  }

  function switchButton(text, { className, work }) {
    const button = sideButton(text, { className, hidden: true })
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
      submit: words('deleteCustomer'),
      before: [
        element('h3', { textContent: words('deleteTitle') }),
        element('p', {
          className: 'hint',
          textContent: words('deleteHint'),
        }),
      ],
      run: removeIfAgreed,
    })
    made.button.className = 'danger'
    return made
  }

  async function removeIfAgreed() {
    const agreed = await confirmFirst({
      title: words('deleteAsk', { name: customer.customer_name }),
      text: removalText(customer),
      yes: words('deleteYes'),
    })
    if (!agreed) return
    await ask(path, { method: 'DELETE', admin })
    location.hash = '#/customers'
  }

  return { element: view, close: () => polling.stop() }
}

function createdText({ created_at: createdAt, updated_at: updatedAt }) {
  const created = momentText(createdAt)
  return updatedAt === createdAt
    ? created
    : words('createdChanged', { created, updated: momentText(updatedAt) })
}

function removalText({ device_count: count }) {
  return count > 0 ? words('deleteTextDevices', { count }) : words('deleteText')
}

/** Also for an address that names no customer at all. */
function nobodyWhenMissing(error) {
  if (error.status === 404 || error.status === 400) return undefined
  throw error
}
