import { type BinaryNode, proto } from '../library/engine.ts'
import type { Content } from './content.ts'
import { type ContextInput, contextInfo } from './context.ts'

/** A row that can be chosen. */
export interface ListRow {
  id: string
  title: string
  description?: string
}

/** Rows under a heading. */
export interface ListSection {
  title: string
  rows: ListRow[]
}

/** A text with a button that opens a list to choose one row from. */
export interface ListContent extends ContextInput {
  title?: string
  body: string
  footer?: string
  /** Label of the button. */
  button: string
  sections: ListSection[]
}

/** What the stanza of a list says beside its content. */
export const LIST_NODE: BinaryNode = {
  tag: 'biz',
  attrs: {},
  content: [{ tag: 'list', attrs: { v: '2', type: 'product_list' } }],
}

/** A list message with the stanza node without which phones do not show it. */
export function listContent({ title, body, footer, button, sections, ...context }: ListContent): Content {
  return {
    message: {
      listMessage: {
        title,
        description: body,
        footerText: footer,
        buttonText: button,
        listType: proto.Message.ListMessage.ListType.SINGLE_SELECT,
        sections: sections.map(({ title, rows }) => ({
          title,
          rows: rows.map(({ id, title, description }) => ({ rowId: id, title, description })),
        })),
        ...contextInfo(context),
      },
    },
    nodes: [LIST_NODE],
  }
}
