import { advise, ask } from './api.js'
import { byId, repeat, say, whileBusy } from './page.js'
import { answeringContacts, messagesOf } from './sandbox.js'

/** The test message form and what was said, for one session. */
export function createConversation({ token, admin, network, signal }) {
  const form = byId('message-form')
  const list = byId('chat')
  // Only the simulated network lets anybody look at a phone.
  const canSeePhone = network === 'sandbox' && Boolean(admin)
  let ownPhone = ''
  let stopReading = () => {}

  list.replaceChildren()
  byId('chat-hint').hidden = false
  byId('chat-hint').textContent = canSeePhone
    ? 'What you send and what comes back appears here.'
    : 'What you send appears here; answers arrive on the phone and at the webhook.'
  say('message-notice', '')
  form.addEventListener('submit', send, { signal })
  if (canSeePhone) void suggestContacts(admin)

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
        if (canSeePhone) watchAnswers()
      } catch (error) {
        say('message-notice', advise(error))
      }
    })
  }

  function watchAnswers() {
    stopReading()
    stopReading = repeat(async (stop) => {
      // A look that fails is made up for by the next one.
      const messages = await messagesOf(ownPhone, { admin, signal: stop }).catch(() => [])
      for (const { id, fromMe, text, pushName } of messages) {
        if (!fromMe && text) add({ id, mine: false, text, note: `from ${pushName}` })
      }
      return 1_000
    })
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

  return {
    /** @param {string} phone whose account this session is */
    linkedAs(phone) {
      ownPhone = phone
    },
    stop: () => stopReading(),
  }
}

async function suggestContacts(admin) {
  const known = await answeringContacts(admin)
  const [first] = known
  if (!first) return
  byId('contacts').replaceChildren(...known.map(({ phone, name }) => new Option(name, phone)))
  byId('contacts-hint').hidden = false
  byId('contacts-hint').textContent = `${first.name} (${first.phone}) is a made-up contact and answers.`
  if (!byId('message-to').value) byId('message-to').value = first.phone
}
