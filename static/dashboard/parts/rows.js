/**
 * Rows of a list that is looked at again and again. A row stays the same element as long as its item is there, so that
 * the keyboard focus and what is unfolded stay where they are.
 * @param {HTMLElement} list
 * @param {(item: object) => {element: HTMLElement, show: (item: object) => void}} create for an item with an `id`
 */
export function createRows(list, create) {
  let rows = new Map()

  return {
    show(items) {
      const kept = new Map()
      for (const item of items) {
        const row = rows.get(item.id) ?? create(item)
        row.show(item)
        kept.set(item.id, row)
      }
      rows = kept
      arrange([...rows.values()].map(({ element }) => element))
    },
  }

  /** Moves only what is out of place: moving an element takes its focus away. */
  function arrange(wanted) {
    const staying = new Set(wanted)
    for (const child of [...list.children]) if (!staying.has(child)) child.remove()
    wanted.forEach((child, at) => {
      if (list.children[at] !== child) list.insertBefore(child, list.children[at] ?? null)
    })
  }
}
