import { ask } from '../../api.js'
import { element } from '../parts/dom.js'
import { createActivity } from './activity.js'
import { words } from './words.js'

/** What all users of the server do together. */
export function openActivityView({ admin, onUnknownToken }) {
  const activity = createActivity({
    heading: 'h2',
    read: (span, signal) => ask(`parley/series?span=${span}`, { admin, signal }),
    onUnknownToken,
  })
  return {
    element: element(
      'section',
      { aria: { labelledby: 'view-title' } },
      element('h1', { id: 'view-title', textContent: words('activity') }),
      element('p', { className: 'lead', textContent: words('activityLead') }),
      activity.element,
    ),
    close: activity.close,
  }
}
