import { element } from '../parts/dom.js'
import { isPicture } from './files.js'
import { kindText, writerOf } from './message-words.js'
import { showPicture } from './picture-dialog.js'
import { lengthText, sizeText } from './times.js'
import { words } from './words.js'

/** Widest picture in a conversation, in CSS pixels; one whose size nobody told gets as much room until it is there. */
const MAX_WIDTH = 320
const MAX_HEIGHT = 360
const UNKNOWN = { width: 320, height: 240 }
const STICKER = 160
const PLAY = { video: 'playVideo', audio: 'playAudio', voice: 'playVoice' }

/**
 * The file of a message: pictures are shown once they are seen, everything else is fetched when somebody wants it.
 * @param {object} message with `media`
 * @param {(message: object) => Promise<{blob: Blob, url: string}>} fileOf
 * @returns {HTMLElement}
 */
export function createMedia(message, fileOf) {
  const { media } = message
  if (!media.available) return goneElement(media)
  const place = element('div', { className: `media media-${media.kind}` })
  const make = { image: picture, sticker: picture, video: player, audio: player, voice: player }[media.kind]
  ;(make ?? documentCard)({ message, media, place, fileOf })
  return place
}

function picture({ message, media, place, fileOf }) {
  const label = words('openPicture', { kind: kindText(media.kind), who: writerOf(message) })
  const image = element('img', { alt: '', decoding: 'async', ...sizeOf(media) })
  if (media.thumbnail) image.src = media.thumbnail
  const button = element('button', { type: 'button', className: 'media-open', aria: { label } }, image)
  button.addEventListener('click', () =>
    attempt(place, button, async () => {
      const file = await fileOf(message)
      showPicture({ ...file, title: label, name: nameOf(message, file.blob), opener: button })
    }),
  )
  place.append(button)
  whenSeen(button, () => attempt(place, button, load))

  async function load() {
    const { blob, url } = await fileOf(message)
    // What is no picture for the browser can be saved like any other file.
    if (!isPicture(blob.type))
      return place.replaceChildren(...cardElements({ message, media, place, fileOf }))
    image.src = url
  }
}

function player({ message, media, place, fileOf }) {
  const isVideo = media.kind === 'video'
  const what = kindText(media.kind)
  const button = element(
    'button',
    { type: 'button', className: 'media-play' },
    media.thumbnail && element('img', { src: media.thumbnail, alt: '', ...sizeOf(media) }),
    element(
      'span',
      { className: 'media-label' },
      words(PLAY[media.kind]),
      media.seconds > 0 && element('small', { textContent: lengthText(media.seconds) }),
    ),
  )
  button.addEventListener('click', () =>
    attempt(place, button, async () => {
      const { url } = await fileOf(message)
      const shown = element(isVideo ? 'video' : 'audio', {
        src: url,
        controls: true,
        autoplay: true,
        playsInline: true,
        aria: { label: what },
      })
      const save = saveButton({ message, media, place, fileOf })
      shown.addEventListener('error', () =>
        place.replaceChildren(
          element('p', { className: 'media-note', textContent: words('cannotPlay') }),
          save,
        ),
      )
      place.replaceChildren(shown)
      shown.focus()
    }),
  )
  place.append(button)
}

function documentCard(given) {
  given.place.append(...cardElements(given))
}

function cardElements({ message, media, place, fileOf }) {
  return [
    element(
      'div',
      { className: 'file-card' },
      element('b', { textContent: media.fileName || kindText(media.kind), dir: 'auto' }),
      media.bytes > 0 && element('small', { textContent: sizeText(media.bytes) }),
    ),
    saveButton({ message, media, place, fileOf }),
  ]
}

function saveButton({ message, media, place, fileOf }) {
  const button = element('button', {
    type: 'button',
    className: 'small',
    textContent: words('saveFile'),
    aria: { label: words('saveNamedFile', { name: media.fileName || kindText(media.kind) }) },
  })
  button.addEventListener('click', () =>
    attempt(place, button, async () => {
      const { blob } = await fileOf(message)
      saveAs(blob, nameOf(message, blob))
    }),
  )
  return button
}

/** Hands a file to the browser to be kept. Its type is taken off, so that nothing of a stranger's is ever opened here. */
export function saveAs(blob, name) {
  const url = URL.createObjectURL(new Blob([blob], { type: 'application/octet-stream' }))
  element('a', { href: url, download: name }).click()
  // The browser has taken hold of it by the next turn.
  setTimeout(() => URL.revokeObjectURL(url), 0)
}

function nameOf({ id, media }, blob) {
  const ending =
    blob.type
      .split(';')[0]
      .split('/')[1]
      ?.replace(/[^\w.+-]/g, '') || 'bin'
  return media.fileName || `${id}.${ending}`
}

/** Runs what needs the file, and says below it why there is none. */
async function attempt(place, button, work) {
  place.querySelector('.media-note')?.remove()
  button.setAttribute('aria-busy', 'true')
  try {
    await work()
  } catch (error) {
    if (error.name !== 'AbortError') place.append(failureElement(error))
  } finally {
    button.removeAttribute('aria-busy')
  }
}

function failureElement(error) {
  const isGone = error.status === 404 || error.status === 410
  return element('p', {
    className: 'media-note',
    attributes: { role: 'status' },
    textContent: words(isGone ? 'fileGone' : 'fileFailed'),
  })
}

function goneElement(media) {
  return element(
    'div',
    { className: 'media media-gone' },
    media.thumbnail && element('img', { src: media.thumbnail, alt: '', ...sizeOf(media) }),
    element('p', {
      className: 'media-note',
      textContent: words('lineOfKind', { kind: kindText(media.kind), text: words('fileGone') }),
    }),
  )
}

/** The room a picture takes before it is there, so that nothing moves when it comes. */
function sizeOf({ kind, width, height }) {
  if (kind === 'sticker') return { width: STICKER, height: STICKER }
  const told = width > 0 && height > 0 ? { width, height } : UNKNOWN
  const scale = Math.min(1, MAX_WIDTH / told.width, MAX_HEIGHT / told.height)
  return {
    width: Math.max(48, Math.round(told.width * scale)),
    height: Math.max(48, Math.round(told.height * scale)),
  }
}

function whenSeen(seen, work) {
  const observer = new IntersectionObserver((entries) => {
    if (!entries.some(({ isIntersecting }) => isIntersecting)) return
    observer.disconnect()
    void work()
  })
  observer.observe(seen)
}
