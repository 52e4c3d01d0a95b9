import { copy } from '../../page.js'
import { element, noticeElement } from '../parts/dom.js'
import { createField } from '../parts/fields.js'
import { createForm, sideButton } from '../parts/form.js'
import { QUESTIONS } from './questions.js'
import { words } from './words.js'

/** A long answer would make the page slow; all of it can be copied. */
const MAX_SHOWN = 20_000

export function openAsk({ askUser, server }) {
  const questions = QUESTIONS.filter(({ path }) => server.has(path))
  const choice = createField({
    name: 'question',
    label: words('question'),
    kind: 'choice',
    options: questions.map(({ title, path }) => [path, title]),
  })
  const place = element('div')
  const answer = element('pre', { className: 'code', tabIndex: 0, aria: { label: words('answer') } })
  const notice = noticeElement()
  const card = element(
    'div',
    { className: 'card', hidden: true },
    element('h3', { textContent: words('answer') }),
    answer,
    sideButton(words('copyAnswer'), { onclick: () => copy(whole, words('answer'), notice) }),
    notice,
  )
  let whole = ''

  choice.control.addEventListener('change', showQuestion)
  showQuestion()

  function showQuestion() {
    const question = questions.find(({ path }) => path === choice.value)
    const form = createForm({
      fields: question.fields,
      submit: words('askSubmit'),
      before: choice.elements,
      run: (values) => run(question, values),
    })
    const hadFocus = document.activeElement === choice.control
    place.replaceChildren(form.element)
    if (hadFocus) choice.control.focus()
    card.hidden = true
  }

  async function run({ path, body = (values) => values }, values) {
    const reply = await askUser(path, { method: 'POST', body: body(values) })
    whole = JSON.stringify(reply, undefined, 2)
    answer.textContent = whole.length > MAX_SHOWN ? `${whole.slice(0, MAX_SHOWN)}\n...` : whole
    card.hidden = false
    return words('answeredBelow')
  }

  return { elements: [place, card] }
}
