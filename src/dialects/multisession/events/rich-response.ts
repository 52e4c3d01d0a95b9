import type { Json, JsonObject } from '../../../events/event-parts.ts'
import { ownMember } from '../../../lib/own-member.ts'

const RESPONSE_TYPES = ['AI_RICH_RESPONSE_TYPE_UNKNOWN', 'AI_RICH_RESPONSE_TYPE_STANDARD']

const PART_TYPES = [
  'UNKNOWN',
  'GRID_IMAGE',
  'TEXT',
  'INLINE_IMAGE',
  'TABLE',
  'CODE',
  'DYNAMIC',
  'MAP',
  'LATEX',
  'CONTENT_ITEMS',
].map((name) => `AI_RICH_RESPONSE_${name}`)

/** The enumerations inside a part: member -> names by number. */
const ENUMERATIONS: Record<string, string[]> = {
  messageType: PART_TYPES,
  highlightType: ['DEFAULT', 'KEYWORD', 'METHOD', 'STRING', 'NUMBER', 'COMMENT'].map(
    (name) => `AI_RICH_RESPONSE_CODE_HIGHLIGHT_${name}`,
  ),
  alignment: ['LEADING', 'TRAILING', 'CENTER'].map((name) => `AI_RICH_RESPONSE_IMAGE_LAYOUT_${name}_ALIGNED`),
  type: ['UNKNOWN', 'IMAGE', 'GIF'].map((name) => `AI_RICH_RESPONSE_DYNAMIC_METADATA_TYPE_${name}`),
  contentType: ['DEFAULT', 'CAROUSEL'],
}

/** What is told of a rich answer of an AI bot, `AIRichResponseMessage` in the JSON form of protobuf with it. */
export function richResponse(response: JsonObject): object {
  const { messageType, submessages, ...others } = response
  const type = Number(messageType ?? 0)
  const parts = Array.isArray(submessages) ? submessages : []
  return {
    message_type: RESPONSE_TYPES[type] ?? String(type),
    message_type_value: type,
    submessage_count: parts.length,
    has_unified_response: response.unifiedResponse !== undefined,
    has_context_info: response.contextInfo !== undefined,
    rich_response: {
      ...(messageType !== undefined && { messageType: RESPONSE_TYPES[type] ?? type }),
      ...(parts.length > 0 && { submessages: parts.map(named) }),
      ...plain(others),
    },
  }
}

/** A part with the names of its enumerations. */
function named(value: Json): Json {
  if (Array.isArray(value)) return value.map(named)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(plain(value)).map(([member, one]) => [member, nameOf(member, one) ?? named(one)]),
  )
}

function nameOf(member: string, value: Json): string | undefined {
  return typeof value === 'number' ? ownMember(ENUMERATIONS, member)?.[value] : undefined
}

/** Without what only the events of this server say. */
function plain({ $oneofs: _, ...members }: JsonObject): JsonObject {
  return members
}
