import { ask } from '../../api.js'
import { setText } from '../../page.js'
import { counted, element } from '../parts/dom.js'
import { openListView } from '../parts/list-view.js'
import { customerAddress } from '../route.js'
import { CUSTOMERS, devicesText, rateText } from './customers.js'
import { openNewCustomer } from './new-customer.js'

/** The list of customers, kept current, and the way to a new one. */
export function openCustomersView({ admin, onUnknownToken }) {
  const view = openListView({
    title: 'Customers',
    create: {
      textContent: 'New customer',
      onclick: () => openNewCustomer({ admin, onCreated: () => view.look() }),
    },
    empty: {
      title: 'No customers yet',
      text: 'A customer is a company that gets a key of its own. With it, its programs create devices by themselves, each of them one linked WhatsApp account, and every device counts towards the customer’s limit. Users that you create yourself need no customer.',
    },
    rows: {
      label: 'Search customers',
      placeholder: 'Name, e-mail, number or key',
      wordsOf: (customer) =>
        [
          customer.customer_name,
          customer.customer_email,
          customer.customer_phone,
          customer.api_key_masked,
        ].join(' '),
      createRow,
    },
    read: async (signal) => (await ask(CUSTOMERS, { admin, signal })) ?? [],
    summaryOf,
    onUnknownToken,
  })
  return view
}

/** One customer as a line; the name is the link to everything else. */
function createRow({ id, api_key_masked: key }) {
  const name = element('a', { href: customerAddress(id) })
  const state = element('span', { className: 'row-state' })
  const email = element('span', { className: 'row-account' })
  const devices = element('span', { className: 'row-account' })
  const rate = element('span', { className: 'row-account' })
  const item = element(
    'li',
    {},
    element('span', { className: 'mark', aria: { hidden: 'true' } }),
    element('div', { className: 'row-name' }, name, state),
    element('div', { className: 'row-name' }, devices, rate),
    element(
      'div',
      { className: 'row-name' },
      email,
      element('span', { className: 'row-account code', textContent: key }),
    ),
  )
  return {
    element: item,
    show(customer) {
      item.dataset.customer = customer.is_active ? 'active' : 'disabled'
      setText(name, customer.customer_name)
      setText(state, customer.is_active ? 'Active' : 'Disabled')
      setText(email, customer.customer_email)
      setText(devices, devicesText(customer))
      setText(rate, rateText(customer))
    },
  }
}

function summaryOf(customers) {
  if (customers.length === 0) return 'A customer has a key of its own and creates its devices itself.'
  const disabled = customers.filter(({ is_active: isActive }) => !isActive).length
  const devices = customers.reduce((sum, { device_count: count }) => sum + count, 0)
  const parts = [counted(devices, 'device'), disabled > 0 && `${disabled} disabled`].filter(Boolean)
  return `${counted(customers.length, 'customer')}: ${parts.join(', ')}.`
}
