import { sectionOnDemand } from '../sections/on-demand.js'
import { words } from '../words.js'

const styleAt = (path) => new URL(`../${path}.css`, import.meta.url).href
const json = styleAt('json/json')

export const deliveriesSection = sectionOnDemand({
  name: 'deliveries',
  title: () => words('deliveries'),
  needs: 'parley/me/deliveries',
  styles: [styleAt('deliveries/deliveries'), json],
  load: () => import('../deliveries/deliveries-section.js').then(({ openDeliveries }) => openDeliveries),
})

export const eventsSection = sectionOnDemand({
  name: 'events',
  title: () => words('events'),
  needs: 'parley/me/events/live',
  styles: [styleAt('events/events'), json],
  load: () => import('../events/events-section.js').then(({ openEvents }) => openEvents),
})

export const webhookSection = sectionOnDemand({
  name: 'webhook',
  title: () => words('webhook'),
  styles: [],
  load: () => import('../webhook/webhook-section.js').then(({ openWebhook }) => openWebhook),
})

export const signingSection = sectionOnDemand({
  name: 'signing',
  title: () => words('signing'),
  styles: [],
  load: () => import('../signing/signing-section.js').then(({ openSigning }) => openSigning),
})
