import { ask } from '../api.js'
import { createDeliveryList } from './delivery-list.js'
import { element } from './parts/dom.js'
import { createTargetList } from './target-list.js'

/** The last deliveries of all users. */
export function openDeliveriesView({ admin, onUnknownToken }) {
  let names = new Map()
  const nameOf = (id) => names.get(id) ?? id
  const list = createDeliveryList({ admin, nameOf, onUnknownToken })
  const targets = createTargetList({ admin, nameOf, onUnknownToken, changed: list.lookNow })
  void learnNames()

  async function learnNames() {
    // Without them the ids are shown.
    const users = await ask('admin/users', { admin }).catch(() => [])
    names = new Map(users.map(({ id, name }) => [id, name || 'No name']))
  }

  return {
    element: element(
      'section',
      { aria: { labelledby: 'view-title' } },
      element('h1', { id: 'view-title', textContent: 'Deliveries' }),
      element('p', { className: 'lead', textContent: 'What was sent to webhooks, and what they answered.' }),
      targets.element,
      element('h2', { className: 'section-title', textContent: 'The last ones' }),
      ...list.elements,
    ),
    close() {
      targets.close()
      list.close()
    },
  }
}
