import type { EventRouter } from '../../src/events/bus.ts'

/** Every event of every user goes to its own webhook. */
export const toOwnWebhook: EventRouter = {
  keeps: () => false,
  routesOf: async (_db, { id }) => [{ target: 'user', destination: `user:${id}`, wants: () => true }],
}
