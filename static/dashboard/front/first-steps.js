import { element } from '../parts/dom.js'
import { words } from './words.js'

/**
 * What there is to do on a server on which nobody has made a user yet.
 * @param {{server: {network: string}, isSignedIn: boolean}} given
 */
export function createFirstSteps({ server, isSignedIn }) {
  const steps = [
    !isSignedIn && 'stepSignIn',
    'stepName',
    server.network === 'sandbox' ? 'stepScanForMe' : 'stepScan',
    'stepSend',
    'stepWebhook',
  ]
  return element(
    'section',
    { className: 'first-steps', aria: { labelledby: 'steps-title' } },
    element('h2', { id: 'steps-title', textContent: words('stepsTitle') }),
    element(
      'ol',
      { className: 'steps' },
      steps.filter(Boolean).map((key) => element('li', { textContent: words(key) })),
    ),
  )
}
