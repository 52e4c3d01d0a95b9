import { byId } from '../../page.js'

/**
 * Shows the dialog in which something new is made, with this in it. What it held is gone when it closes: it may have been
 * a secret.
 * @param {{title: string, close: string, content: Node[]}} given `close` are the words of the button that closes it
 * @returns {() => void} closes it
 */
export function showCreation({ title, close, content }) {
  const dialog = byId('create')
  const button = byId('create-close')
  byId('create-title').textContent = title
  byId('create-body').replaceChildren(...content)
  button.textContent = close
  button.onclick = () => dialog.close()
  dialog.onclose = () => {
    // It may be open again, for something else.
    if (!dialog.open) byId('create-body').replaceChildren()
  }
  if (!dialog.open) dialog.showModal()
  return () => dialog.close()
}
