import { ask } from '../../api.js'

/** Where an event goes that all users share: no webhook of a user. */
export const SHARED = ['global', 'amqp', 'pipe']

/**
 * The deliveries that somebody may see, and what can be done about them: `ownDeliveries` for those of one user, asked with
 * the user's own token, `allDeliveries` for operators.
 * @typedef {ReturnType<typeof ownDeliveries>} DeliverySource
 */
export function ownDeliveries(askUser) {
  return {
    list: (filter, signal) =>
      askUser(`parley/me/deliveries?${query({ ...filter, target: filter.target || 'all' })}`, { signal }),
    details: (id) => askUser(`parley/me/deliveries/${encodeURIComponent(id)}`),
    redeliver: (id) =>
      askUser(`parley/me/deliveries/${encodeURIComponent(id)}/redeliver`, { method: 'POST' }),
    /** The first webhook of the user that was there from the beginning, and those with an address. */
    async webhooks(signal) {
      const { webhooks } = await askUser('parley/me/webhooks', { signal })
      return webhooks.filter(({ target, url }) => url !== '' || target === 'user').map(({ target }) => target)
    },
    receiver: (target) => {
      const which = query({ target })
      return {
        look: (signal) => askUser(`parley/me/target?${which}`, { signal }),
        act: (action) => askUser(`parley/me/target/${action}?${which}`, { method: 'POST' }),
        setMode: (mode) => askUser(`parley/me/mode?${which}`, { method: 'PUT', body: { mode } }),
        redrive: () => askUser(`parley/me/redrive-jobs?${which}`, { method: 'POST', body: {} }),
      }
    },
    redrives: redrivesAt('parley/me/redrive-jobs', askUser),
  }
}

/** The deliveries of all users. */
export function allDeliveries(admin) {
  const askAdmin = (path, options) => ask(path, { ...options, admin })
  return {
    list: (filter, signal) => askAdmin(`parley/deliveries?${query(filter)}`, { signal }),
    details: (id) => askAdmin(`parley/deliveries/${encodeURIComponent(id)}`),
    redeliver: (id) => askAdmin(`parley/deliveries/${encodeURIComponent(id)}/redeliver`, { method: 'POST' }),
    receivers: async (signal) => (await askAdmin('parley/targets', { signal })).targets,
    receiver: (id) => {
      const path = `parley/targets/${encodeURIComponent(id)}`
      return {
        look: (signal) => askAdmin(path, { signal }),
        act: (action) => askAdmin(`${path}/${action}`, { method: 'POST' }),
        setMode: (mode) => askAdmin(`${path}/mode`, { method: 'PUT', body: { mode } }),
        redrive: () => askAdmin('parley/redrive-jobs', { method: 'POST', body: { receiver: id } }),
      }
    },
    redrives: redrivesAt('parley/redrive-jobs', askAdmin),
    users: () => askAdmin('admin/users'),
  }
}

function redrivesAt(path, asking) {
  const at = (id) => `${path}/${encodeURIComponent(id)}`
  return {
    begin: ({ target, ...body }) =>
      asking(target === undefined ? path : `${path}?${query({ target })}`, { method: 'POST', body }),
    list: async () => (await asking(path)).jobs,
    look: (id) => asking(at(id)),
    cancel: (id) => asking(at(id), { method: 'DELETE' }),
  }
}

/** What is given of these as the query of an address. */
function query(values) {
  return new URLSearchParams(
    Object.entries(values).filter(([, value]) => value !== undefined && value !== ''),
  )
}
