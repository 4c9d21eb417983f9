import type { ServerResponse } from 'node:http'
import type { App } from './http.ts'

/** How many readings of one address are worked on at once; whoever asks without end takes this much of the server and no more. */
const atOnce = 16

interface Line {
  working: number
  readonly waiting: Set<Reading>
}
/** A reading that has its turn, or waits for it; what it stands in is kept with its answer, for every request passes here. */
type Reading = ServerResponse & { line?: Line; begin?: (() => void) | undefined }

/** Readings of one address take turns: those beyond `atOnce` wait for one of theirs to end, and the others hardly feel them. */
export const takeTurns = (app: App): void => {
  const lines = new Map<string, Line>()

  const newLine = (address: string): Line => {
    const line: Line = { working: 0, waiting: new Set() }
    lines.set(address, line)
    return line
  }

  /** Answered, or gone away: in the middle of the work, or while it waited. */
  function leave(this: Reading): void {
    const { line } = this
    if (!line) return
    if (this.begin) {
      line.waiting.delete(this)
      return
    }
    line.working -= 1
    for (const next of line.waiting) {
      line.waiting.delete(next)
      line.working += 1
      const { begin } = next
      next.begin = undefined
      begin?.()
      return
    }
  }

  app.addHook('onRequest', (req, res, done) => {
    if (req.method !== 'GET') return done()
    const line = lines.get(req.ip) ?? newLine(req.ip)
    const reading = res.raw as Reading
    reading.line = line
    reading.once('close', leave)
    if (line.working < atOnce) {
      line.working += 1
      return done()
    }
    reading.begin = done
    line.waiting.add(reading)
  })
  // Of an address that is quiet nothing is kept.
  const sweep = setInterval(() => {
    for (const [address, line] of lines) if (line.working === 0 && line.waiting.size === 0) lines.delete(address)
  }, 60_000)
  sweep.unref()
  app.addHook('onClose', async () => clearInterval(sweep))
}
