import { element } from '../parts/dom.js'
import { saveAs } from './message-media.js'
import { words } from './words.js'

/**
 * Shows a picture as large as the window allows, until it is closed.
 * @param {{blob: Blob, url: string, title: string, name: string, opener: HTMLElement}} picture `title` says what it is,
 *   `name` what the file is called when it is saved
 */
export function showPicture({ blob, url, title, name, opener }) {
  const close = element('button', { type: 'button', textContent: words('close') })
  const save = element('button', { type: 'button', textContent: words('saveFile') })
  const dialog = element(
    'dialog',
    { className: 'picture-dialog', aria: { label: title } },
    element('div', { className: 'actions' }, save, close),
    element('img', { src: url, alt: title }),
  )
  close.addEventListener('click', () => dialog.close())
  save.addEventListener('click', () => saveAs(blob, name))
  dialog.addEventListener('click', (event) => event.target === dialog && dialog.close())
  dialog.addEventListener('close', () => {
    dialog.remove()
    opener.focus()
  })
  document.body.append(dialog)
  dialog.showModal()
}
