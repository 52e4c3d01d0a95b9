import { words } from '../words.js'
import { sectionOnDemand } from './on-demand.js'

const styleOf = (name) => new URL(`../chats/${name}.css`, import.meta.url).href
const lists = [styleOf('chats')]

export const chatsSection = sectionOnDemand({
  name: 'chats',
  title: () => words('chats'),
  needs: 'parley/me/chats',
  styles: [...lists, ...['messages', 'content', 'composer'].map(styleOf)],
  load: () => import('../chats/chats-section.js').then(({ openChats }) => openChats),
})

export const contactsSection = sectionOnDemand({
  name: 'contacts',
  title: () => words('contacts'),
  needs: 'parley/me/contacts',
  styles: lists,
  load: () => import('../contacts/contacts-section.js').then(({ openContacts }) => openContacts),
})

export const groupsSection = sectionOnDemand({
  name: 'groups',
  title: () => words('groups'),
  needs: 'parley/me/groups',
  styles: lists,
  load: () => import('../groups/groups-section.js').then(({ openGroups }) => openGroups),
})

export const failedSection = sectionOnDemand({
  name: 'failed',
  title: () => words('failed'),
  needs: 'parley/me/messages/{id}/repeat',
  styles: lists,
  load: () => import('../chats/failed-section.js').then(({ openFailed }) => openFailed),
})
