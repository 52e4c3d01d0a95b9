import type { Endpoint } from '../../../http/endpoint/endpoint.ts'
import { clientChannelEndpoints } from './client/channels.ts'
import { clientChatEndpoints } from './client/chats.ts'
import { clientContactEndpoints } from './client/contacts.ts'
import { clientGroupEndpoints } from './client/groups.ts'
import { clientLabelEndpoints } from './client/labels.ts'
import { clientNumberEndpoints } from './client/numbers.ts'
import { clientProfileEndpoints } from './client/profile.ts'

/** The chapter Client of the document, by what its endpoints are about. */
export const clientEndpoints: Endpoint[] = [
  ...clientContactEndpoints,
  ...clientNumberEndpoints,
  ...clientChatEndpoints,
  ...clientProfileEndpoints,
  ...clientGroupEndpoints,
  ...clientChannelEndpoints,
  ...clientLabelEndpoints,
]
