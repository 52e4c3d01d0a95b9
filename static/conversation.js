import { advise, ask, RequestFailure } from './api.js'
import { byId, repeat, say, whileBusy } from './page.js'
import { answeringContacts } from './sandbox.js'

/** The test message form and what was said, for one session. */
export function createConversation({ token, admin, network, signal }) {
  const form = byId('message-form')
  const list = byId('chat')
  let stopReading = () => {}

  list.replaceChildren()
  byId('chat-hint').hidden = false
  say('message-notice', '')
  form.addEventListener('submit', send, { signal })
  if (network === 'sandbox') void suggestContacts({ token, admin })

  async function send(event) {
    event.preventDefault()
    const phone = byId('message-to').value.replace(/\D/g, '')
    const text = byId('message-text').value
    await whileBusy(event.submitter, async () => {
      say('message-notice', 'Sending…', '')
      try {
        const sent = await ask('chat/send/text', {
          method: 'POST',
          token,
          body: { Phone: phone, Body: text },
        })
        say('message-notice', '')
        add({ id: sent.Id, mine: true, text, note: `sent to +${phone}` })
        stopReading()
        stopReading = repeat((stop) => readHistory(phone, stop))
      } catch (error) {
        say('message-notice', advise(error))
      }
    })
  }

  /** Adds what arrived since; the server answers only for users whose messages it keeps. */
  async function readHistory(phone, stop) {
    const path = `chat/history?chat_jid=${phone}@s.whatsapp.net&limit=20`
    try {
      const rows = (await ask(path, { token, signal: stop })) ?? []
      for (const row of rows.toReversed()) {
        if (row.sender_jid === 'me') continue
        add({ id: row.message_id, mine: false, text: row.text_content, note: `from +${phone}` })
      }
    } catch (error) {
      if (error instanceof RequestFailure && error.status === 501) {
        say(
          'message-notice',
          'Sent. Replies go to the webhook; they appear here for users whose messages are kept.',
          'good',
        )
        stopReading()
      }
      // Anything else passes, and the next look brings what this one missed.
    }
    return 1_500
  }

  function add({ id, mine, text, note }) {
    if ([...list.children].some((item) => item.dataset.id === id)) return
    const item = document.createElement('li')
    item.dataset.id = id
    item.className = mine ? 'mine' : 'theirs'
    const words = document.createElement('p')
    words.textContent = text
    const small = document.createElement('small')
    small.textContent = `${note}, ${new Date().toLocaleTimeString([], { timeStyle: 'short' })}`
    item.append(words, small)
    list.append(item)
    item.scrollIntoView({ block: 'nearest' })
    byId('chat-hint').hidden = true
  }

  return { stop: () => stopReading() }
}

async function suggestContacts(tokens) {
  const known = await answeringContacts(tokens)
  const [first] = known
  if (!first) return
  byId('contacts').replaceChildren(...known.map(({ phone, name }) => new Option(name, phone)))
  byId('contacts-hint').hidden = false
  byId('contacts-hint').textContent = `${first.name} (${first.phone}) is a made-up contact and answers.`
  if (!byId('message-to').value) byId('message-to').value = first.phone
}
