import { element } from '../parts/dom.js'
import { createFiles, isPicture } from './files.js'
import { nameOfChat } from './message-words.js'

/**
 * The pictures of chats, fetched when they are seen. Until then, and for chats without one, their initials stand there.
 * Decoration only: the name stands beside it.
 */
export function createPictures(api) {
  const files = createFiles((chat, signal) => api.picture(chat, signal))
  const without = new Set()
  const shown = new WeakMap()
  const seeing = new IntersectionObserver((entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue
      seeing.unobserve(target)
      void load(target)
    }
  })

  async function load(place) {
    const chat = shown.get(place)
    if (!chat || without.has(chat)) return
    try {
      const { blob, url } = await files.get(chat)
      if (!isPicture(blob.type) || shown.get(place) !== chat) return
      place.replaceChildren(element('img', { src: url, alt: '', width: 44, height: 44, decoding: 'async' }))
    } catch {
      // It is decoration; initials say as much.
      without.add(chat)
    }
  }

  return {
    /** @returns {{element: HTMLElement, show: (chat: object) => void}} */
    create() {
      const place = element('span', { className: 'picture', aria: { hidden: 'true' } })
      return {
        element: place,
        show(chat) {
          if (shown.get(place) === chat.chat) return
          shown.set(place, chat.chat)
          place.textContent = initialsOf(nameOfChat(chat))
          seeing.observe(place)
        },
      }
    },
    close() {
      seeing.disconnect()
      files.close()
    },
  }
}

/** The same without pictures, for lists of people: WhatsApp does not like to be asked for hundreds of them. */
export function createInitials() {
  const place = element('span', { className: 'picture', aria: { hidden: 'true' } })
  return {
    element: place,
    show: (name) => {
      place.textContent = initialsOf(name)
    },
  }
}

/** Two letters at most; a sign for a name without letters. */
function initialsOf(name) {
  const words = name.match(/\p{L}[\p{L}\p{M}]*/gu) ?? []
  const letters = words.length > 1 ? [words[0], words.at(-1)] : words
  return letters.map((word) => [...word][0].toUpperCase()).join('') || '#'
}
