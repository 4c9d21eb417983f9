import type { FastifyRequest } from 'fastify'
import type { App } from './http.ts'

/** How many readings of one address are worked on at once; whoever asks without end takes this much of the server and no more. */
const atOnce = 16

interface Line {
  working: number
  readonly waiting: Set<() => void>
}

/** Readings of one address take turns: those beyond `atOnce` wait for one of theirs to end, and the others hardly feel them. */
export const takeTurns = (app: App): void => {
  const lines = new Map<string, Line>()
  const leaving = new WeakMap<FastifyRequest, () => void>()

  app.addHook('onRequest', (req, res, done) => {
    if (req.method !== 'GET') return done()
    const line = lines.get(req.ip) ?? { working: 0, waiting: new Set() }
    lines.set(req.ip, line)
    const begin = (): void => {
      line.working += 1
      leaving.set(req, () => {
        line.working -= 1
        const [next] = line.waiting
        if (next) {
          line.waiting.delete(next)
          next()
        } else if (line.working === 0) lines.delete(req.ip)
      })
      done()
    }
    res.raw.once('close', () => leave(req)) // answered, or gone away: in the middle of the work, or while he waited
    if (line.working < atOnce) return begin()
    line.waiting.add(begin)
    leaving.set(req, () => line.waiting.delete(begin))
  })
  const leave = (req: FastifyRequest): void => {
    const go = leaving.get(req)
    leaving.delete(req)
    go?.()
  }
  app.addHook('onResponse', (req, _, done) => {
    leave(req)
    done()
  })
}
