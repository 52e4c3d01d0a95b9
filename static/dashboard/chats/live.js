const FIRST_PAUSE_MS = 1_000
const MAX_PAUSE_MS = 15_000
/** The server says something every 20 seconds; a connection that is silent for longer is dead. */
const SILENCE_MS = 50_000
/** An event is a chat or a message, and those are cut by the server; longer than this is no event. */
const MAX_EVENT_CHARS = 4 * 1024 * 1024

/**
 * Listens to what happens in the chats of a user until closed, and comes back when the connection is lost.
 * @param {object} given
 * @param {(signal: AbortSignal) => Promise<ReadableStream>} given.open
 * @param {(name: string, data: object) => void} given.onEvent
 * @param {() => void} given.onReset something may have been missed: whatever is shown has to be asked for again
 * @param {(isLive: boolean) => void} given.onState
 * @returns {{close: () => void}}
 */
export function listenLive({ open, onEvent, onReset, onState }) {
  const closing = new AbortController()
  void listen()

  async function listen() {
    let pauseMs = FIRST_PAUSE_MS
    let wasLive = false
    while (!closing.signal.aborted) {
      try {
        await hear(() => {
          onState(true)
          if (wasLive) onReset()
          wasLive = true
          pauseMs = FIRST_PAUSE_MS
        })
      } catch {
        // Whatever the reason, the way back is the same; what else is asked tells what is wrong.
      }
      if (closing.signal.aborted) return
      onState(false)
      await pause(pauseMs, closing.signal)
      pauseMs = Math.min(2 * pauseMs, MAX_PAUSE_MS)
    }
  }

  async function hear(onOpen) {
    const silence = new AbortController()
    let timer
    const heard = () => {
      clearTimeout(timer)
      timer = setTimeout(() => silence.abort(), SILENCE_MS)
    }
    heard()
    try {
      const stream = await open(AbortSignal.any([closing.signal, silence.signal]))
      onOpen()
      const parser = createEventParser((name, data) => (name === 'reset' ? onReset() : onEvent(name, data)))
      for await (const text of textsOf(stream)) {
        heard()
        parser(text)
      }
    } finally {
      clearTimeout(timer)
    }
  }

  return { close: () => closing.abort() }
}

async function* textsOf(stream) {
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader()
  for (;;) {
    const { value, done } = await reader.read()
    if (done) return
    yield value
  }
}

/** Reads an event stream piece by piece. Throws for data that is no JSON, or without end. */
export function createEventParser(onEvent) {
  let rest = ''
  return (text) => {
    const blocks = (rest + text).replaceAll('\r\n', '\n').split('\n\n')
    rest = blocks.pop()
    if (rest.length > MAX_EVENT_CHARS) throw new Error('an event without end')
    for (const block of blocks) {
      const fields = block.split('\n').map((line) => [line.split(':', 1)[0], line.replace(/^[^:]*: ?/, '')])
      const data = fields.filter(([name]) => name === 'data').map(([, value]) => value)
      const name = fields.find(([field]) => field === 'event')?.[1] ?? 'message'
      if (data.length > 0 || name === 'reset')
        onEvent(name, data.length > 0 ? JSON.parse(data.join('\n')) : {})
    }
  }
}

function pause(ms, signal) {
  return new Promise((resolve) => {
    const wake = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', wake)
      resolve()
    }
    const timer = setTimeout(wake, ms)
    signal.addEventListener('abort', wake)
  })
}
