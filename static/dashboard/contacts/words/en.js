export const en = {
  asking: 'Asking the server.',
  search: 'Search contacts',
  searchHint: 'Name or number',
  all: { one: '{count} contact.', other: '{count} contacts.' },
  shown: {
    one: '{count} contact shown; search to find others.',
    other: '{count} contacts shown; search to find others.',
  },
  more: 'More contacts',
  nobody: 'No contacts yet. They appear here once a phone is linked and people write.',
  nobodyFound: 'Nobody matches. Try fewer letters.',
  noNumber: 'Number not known',
  lid: 'LID {lid}',
  callsThemselves: 'on WhatsApp: {name}',
  business: 'Business: {name}',
  verifiedBusiness: 'Verified business: {name}',
}
