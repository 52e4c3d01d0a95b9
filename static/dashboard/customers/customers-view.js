import { ask } from '../../api.js'
import { setText } from '../../page.js'
import { element } from '../parts/dom.js'
import { openListView } from '../parts/list-view.js'
import { customerAddress } from '../route.js'
import { CUSTOMERS, devicesText, rateText } from './customers.js'
import { openNewCustomer } from './new-customer.js'
import { words } from './words.js'

/** The list of customers, kept current, and the way to a new one. */
export function openCustomersView({ admin, onUnknownToken }) {
  const view = openListView({
    title: words('customers'),
    create: {
      textContent: words('newCustomer'),
      onclick: () => openNewCustomer({ admin, onCreated: () => view.look() }),
    },
    empty: {
      title: words('noneTitle'),
      text: words('noneText'),
    },
    rows: {
      label: words('search'),
      placeholder: words('searchHint'),
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
      setText(state, words(customer.is_active ? 'active' : 'disabled'))
      setText(email, customer.customer_email)
      setText(devices, devicesText(customer))
      setText(rate, rateText(customer))
    },
  }
}

function summaryOf(customers) {
  if (customers.length === 0) return words('summaryNone')
  const disabled = customers.filter(({ is_active: isActive }) => !isActive).length
  const devices = customers.reduce((sum, { device_count: count }) => sum + count, 0)
  return words(disabled > 0 ? 'summaryDisabled' : 'summary', {
    count: customers.length,
    devices: words('devicesCount', { count: devices }),
    disabled,
  })
}
