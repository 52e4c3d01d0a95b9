/** How protobuf messages are told as JSON, which has neither 64-bit numbers nor bytes: both are texts. */
export const IN_WORDS = { longs: String, bytes: String, enums: String }
