import { advise } from '../../api.js'
import { element, noticeElement } from '../parts/dom.js'
import { loadStyle } from '../parts/styles.js'
import { words } from '../words.js'

/**
 * A section whose script and style are fetched when it is opened: most looks at a user are at something else.
 * @param {object} section
 * @param {() => string} section.title in the language of the page
 * @param {string[]} [section.styles] addresses of its styles
 * @param {() => Promise<(context: object) => object>} section.load what opens it
 */
export function sectionOnDemand({ name, title, needs, styles = [], load }) {
  return {
    name,
    needs,
    get title() {
      return title()
    },
    open(context) {
      const notice = noticeElement()
      const asking = element('p', { className: 'hint asking', textContent: words('asking') })
      const place = element('div', { className: 'on-demand' }, notice, asking)
      let isClosed = false
      let opened
      let item
      let user
      void Promise.all([load(), ...styles.map(loadStyle)]).then(show, (error) => {
        asking.remove()
        notice.className = 'notice bad'
        notice.textContent = advise(error)
      })

      function show([open]) {
        if (isClosed) return
        opened = open(context)
        place.replaceChildren(...opened.elements)
        opened.enter?.(item)
        if (user) opened.show?.(user)
      }

      return {
        elements: [place],
        enter(given) {
          item = given
          opened?.enter?.(given)
        },
        show(given) {
          user = given
          opened?.show?.(given)
        },
        close() {
          isClosed = true
          opened?.close?.()
        },
      }
    },
  }
}
