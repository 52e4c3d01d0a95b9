import { element } from '../parts/dom.js'

/** What stands around words in a message, and the element it becomes. Each counts once, so nothing is nested deeper than there are marks. */
const MARKS = { '*': 'strong', _: 'em', '~': 's' }
/** Longer ones are nothing that anybody would follow, and take time to look through. */
const LINK = /\b(?:https?:\/\/|www\.)[^\s<>"]{1,2000}/gi
const FENCE = '```'
const LETTER = /[\p{L}\p{N}]/u

/**
 * The text of a message as nodes: bold, italic, struck out, code and links as WhatsApp writes them. Whatever else is in
 * it stays text, so nothing of a stranger's ever becomes HTML. Takes time in proportion to the length, also for a text
 * made to confuse it.
 * @returns {(string | HTMLElement)[]}
 */
export function richText(text) {
  const parts = text.split(FENCE)
  // A fence that nobody closes is no fence.
  if (parts.length % 2 === 0) parts.push(parts.splice(-2).join(FENCE))
  return parts.flatMap((part, at) =>
    at % 2 === 1 ? [element('code', { className: 'code-block', textContent: part })] : linesOf(part),
  )
}

function linesOf(text) {
  return text.split('\n').flatMap((line, at) => (at === 0 ? lineOf(line) : ['\n', ...lineOf(line)]))
}

function lineOf(line) {
  if (line === '') return []
  const links = linksIn(line)
  return styled({ line, from: 0, to: line.length, links, marks: ['`', ...Object.keys(MARKS)] })
}

/** What is between two places of a line, of which `marks` still count. */
function styled({ line, from, to, links, marks }) {
  const nodes = []
  const closers = closersOf({ line, from, to, links, marks })
  let plainFrom = from
  let at = from
  while (at < to) {
    const mark = line[at]
    const end = marks.includes(mark) && opens({ line, at, from, to, links }) ? closers(mark, at + 2) : -1
    if (end === -1) {
      at += 1
      continue
    }
    nodes.push(...plain({ line, from: plainFrom, to: at, links }))
    nodes.push(marked({ line, mark, from: at + 1, to: end, links, marks }))
    at = end + 1
    plainFrom = at
  }
  return [...nodes, ...plain({ line, from: plainFrom, to, links })]
}

function marked({ line, mark, from, to, links, marks }) {
  if (mark === '`') return element('code', { textContent: line.slice(from, to) })
  const others = marks.filter((other) => other !== mark)
  return element(MARKS[mark], {}, styled({ line, from, to, links, marks: others }))
}

/** Where each mark can end; asked for places that only grow, so every place is looked at once. */
function closersOf({ line, from, to, links, marks }) {
  const places = Object.fromEntries(marks.map((mark) => [mark, []]))
  for (let at = from; at < to; at++)
    if (marks.includes(line[at]) && closes({ line, at, from, to, links })) places[line[at]].push(at)
  const next = Object.fromEntries(marks.map((mark) => [mark, 0]))
  return (mark, earliest) => {
    while (places[mark][next[mark]] < earliest) next[mark] += 1
    return places[mark][next[mark]] ?? -1
  }
}

function opens({ line, at, from, to, links }) {
  if (isInLink(links, at)) return false
  return !isLetter(line, at - 1, from, to) && isInk(line, at + 1, from, to)
}

function closes({ line, at, from, to, links }) {
  if (isInLink(links, at)) return false
  return !isLetter(line, at + 1, from, to) && isInk(line, at - 1, from, to)
}

function isLetter(line, at, from, to) {
  return at >= from && at < to && LETTER.test(line[at])
}

function isInk(line, at, from, to) {
  return at >= from && at < to && line[at] !== ' ' && line[at] !== '\t'
}

function linksIn(line) {
  const links = []
  for (const { 0: found, index } of line.matchAll(LINK)) {
    const text = found.slice(0, endOfLink(found))
    if (URL.canParse(addressOfLink(text))) links.push({ from: index, to: index + text.length, text })
  }
  return links
}

/** What ends a sentence does not belong to the address in it, nor does a bracket that was opened before it. */
function endOfLink(text) {
  let end = text.length
  while (end > 0) {
    const last = text[end - 1]
    const closesOwn = last === ')' && text.lastIndexOf('(', end - 1) !== -1
    if (closesOwn || !/[.,;:!?)\]}'*_~`…]/.test(last)) break
    end -= 1
  }
  return end
}

function addressOfLink(text) {
  return /^www\./i.test(text) ? `https://${text}` : text
}

function isInLink(links, at) {
  let low = 0
  let high = links.length - 1
  while (low <= high) {
    const middle = (low + high) >> 1
    const { from, to } = links[middle]
    if (at < from) high = middle - 1
    else if (at >= to) low = middle + 1
    else return true
  }
  return false
}

function plain({ line, from, to, links }) {
  const nodes = []
  let at = from
  for (let index = firstFrom(links, from); index < links.length && links[index].from < to; index++) {
    const link = links[index]
    if (link.from > at) nodes.push(line.slice(at, link.from))
    nodes.push(linkTo(link.text))
    at = link.to
  }
  if (at < to) nodes.push(line.slice(at, to))
  return nodes
}

function firstFrom(links, place) {
  let low = 0
  let high = links.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (links[middle].from < place) low = middle + 1
    else high = middle
  }
  return low
}

function linkTo(text) {
  return element('a', {
    href: addressOfLink(text),
    target: '_blank',
    rel: 'noopener noreferrer',
    textContent: text,
  })
}
