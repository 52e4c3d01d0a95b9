import { addressOf, advise, ask } from './api.js'
import { byId, copy, say, whileBusy } from './page.js'

/** The webhook form and the command to copy, for one session. */
export function createSettings({ token, signal }) {
  byId('webhook-form').addEventListener('submit', save, { signal })
  byId('copy-curl').addEventListener('click', () => copy(curl(token), 'Command', byId('copy-notice')), {
    signal,
  })
  byId('copy-token').addEventListener('click', () => copy(token, 'Token', byId('copy-notice')), { signal })
  // Shown with a placeholder: the screen may be shared, the clipboard is not.
  byId('curl').textContent = curl('TOKEN')
  say('copy-notice', '')
  say('webhook-notice', '')
  let subscribed = []

  async function load() {
    try {
      const { webhook, subscribe } = await ask('webhook', { token })
      byId('webhook-url').value = webhook ?? ''
      subscribed = (subscribe ?? []).filter(Boolean)
      showEvents()
    } catch (error) {
      say('webhook-notice', advise(error))
    }
  }

  async function save(event) {
    event.preventDefault()
    await whileBusy(event.submitter, async () => {
      const webhookURL = byId('webhook-url').value.trim()
      // An address without subscriptions would never receive anything.
      const events = subscribed.length > 0 ? subscribed : ['All']
      try {
        await ask('webhook', { method: 'POST', token, body: { webhookURL, events } })
        subscribed = events
        showEvents()
        say(
          'webhook-notice',
          webhookURL ? 'Saved. New events go there from now on.' : 'Saved. No webhook is called.',
          'good',
        )
      } catch (error) {
        say('webhook-notice', advise(error))
      }
    })
  }

  function showEvents() {
    byId('webhook-events').textContent = subscribed.length > 0 ? `Events: ${subscribed.join(', ')}` : ''
  }

  return { load: () => void load() }
}

/** The test message as a command for a terminal. */
function curl(token) {
  return [
    `curl -X POST ${addressOf('chat/send/text')} \\`,
    `  -H 'Token: ${token}' \\`,
    `  -H 'Content-Type: application/json' \\`,
    `  --data '{"Phone":"4915112345678","Body":"Hello"}'`,
  ].join('\n')
}
