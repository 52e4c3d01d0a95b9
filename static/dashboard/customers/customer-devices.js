import { setText } from '../../page.js'
import { phoneOf } from '../../states.js'
import { element, momentText } from '../parts/dom.js'
import { createSearchedRows } from '../parts/searched-rows.js'
import { userAddress } from '../route.js'
import { deviceCommand, devicesText } from './customers.js'
import { words } from './words.js'

/** The keys of what the stages of a device are called. */
const STAGES = {
  pending: 'stagePending',
  active: 'stageActive',
  disconnected: 'stageDisconnected',
  logged_out: 'stageLoggedOut',
}

/** The devices of a customer, each leading to the user that it is, and how the customer creates another one. */
export function createCustomerDevices() {
  const used = element('p', { className: 'hint', attributes: { role: 'status' } })
  const rows = createSearchedRows({
    className: 'link-rows device-rows',
    label: words('searchDevices'),
    placeholder: words('searchDevicesHint'),
    wordsOf: ({ id, device_name: name = '', whatsmeow_jid: jid = '' }) => `${name} ${jid} ${id}`,
    createRow,
  })

  return {
    element: element(
      'section',
      { aria: { labelledby: 'devices-title' } },
      element('h2', { id: 'devices-title', className: 'section-title', textContent: words('devices') }),
      used,
      rows.elements,
      element(
        'details',
        {},
        element('summary', { textContent: words('howToCreate') }),
        element('p', {
          className: 'hint',
          textContent: words('howToCreateHint'),
        }),
        element('pre', { className: 'code', textContent: deviceCommand('THE-KEY') }),
      ),
    ),
    show(customer) {
      setText(used, usedText(customer))
      rows.show((customer.devices ?? []).map((device) => ({ ...device, id: device.device_id })))
    },
  }
}

function usedText(customer) {
  const { device_count: used, max_devices: most } = customer
  if (used === 0) return words('usedNone', { most })
  return words(used < most ? 'usedSome' : 'usedAll', { devices: devicesText(customer) })
}

function createRow({ id, created_at: createdAt }) {
  const name = element('a', { href: userAddress(userIdOf(id)) })
  const state = element('span', { className: 'row-state' })
  const phone = element('span', { className: 'row-account' })
  const seen = element('span', { className: 'row-account' })
  const item = element(
    'li',
    {},
    element('span', { className: 'mark', aria: { hidden: 'true' } }),
    element('div', { className: 'row-name' }, name, state),
    element('div', { className: 'row-name' }, phone, seen),
    element(
      'div',
      { className: 'row-name' },
      element('span', {
        className: 'row-account',
        textContent: words('createdAt', { moment: momentText(createdAt) }),
      }),
      element('span', { className: 'row-account code', textContent: id }),
    ),
  )
  return {
    element: item,
    show(device) {
      item.dataset.device = device.status
      setText(name, device.device_name || words('noName'))
      setText(state, STAGES[device.status] ? words(STAGES[device.status]) : device.status)
      setText(phone, device.whatsmeow_jid ? phoneOf(device.whatsmeow_jid) : words('noPhone'))
      phone.classList.toggle('row-none', !device.whatsmeow_jid)
      setText(
        seen,
        device.last_active_at
          ? words('lastActive', { moment: momentText(device.last_active_at) })
          : words('neverActive'),
      )
    },
  }
}

/** A device is a user of the server: the same id, here with hyphens. */
function userIdOf(deviceId) {
  return deviceId.replaceAll('-', '')
}
