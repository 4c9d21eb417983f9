// The load of the http benchmark, a process of its own: so many connections kept open, each asking as soon as it is answered.
import http from 'node:http'

export interface Load {
  readonly port: number
  readonly path: string
  readonly token: string
  readonly connections: number
  readonly requests: number
  /** stops after so many seconds, however many were asked */
  readonly forSeconds?: number
  /** the address of this machine to ask from; the usual one if absent */
  readonly from?: string
  /** milliseconds between two questions of a connection; none: as fast as it is answered */
  readonly everyMs?: number
  /** who floods is not put off by a refusal */
  readonly refusedToo?: boolean
}
export interface Loaded {
  readonly seconds: number
  /** milliseconds from asking to the last byte, ascending order not kept */
  readonly p50: number
  readonly p99: number
  readonly answered: number
  readonly refused: number
}

const ask = (agent: http.Agent, { port, path, token, from, refusedToo }: Load): Promise<number> =>
  new Promise((done, fail) => {
    const headers = { authorization: `Bearer ${token}` }
    const req = http.get(
      { host: '127.0.0.1', port, path, agent, headers, timeout: 10_000, ...(from ? { localAddress: from } : {}) },
      (res) => {
        const { statusCode = 0 } = res
        res.resume()
        res.on('end', () =>
          statusCode === 200 || (refusedToo && statusCode === 429)
            ? done(statusCode)
            : fail(new Error(`${path}: ${statusCode}`)),
        )
      },
    )
    req.on('timeout', () => req.destroy(new Error('no answer in ten seconds')))
    req.on('error', fail)
  })

const run = async (load: Load): Promise<Loaded> => {
  const agent = new http.Agent({ keepAlive: true, maxSockets: load.connections })
  const times: number[] = []
  let left = load.requests
  let refused = 0
  const started = performance.now()
  const until = started + (load.forSeconds ?? 3_600) * 1_000
  const one = async (): Promise<void> => {
    while (left > 0 && performance.now() < until) {
      left -= 1
      const at = performance.now()
      if ((await ask(agent, load)) !== 200) refused += 1
      const took = performance.now() - at
      times.push(took)
      const rest = (load.everyMs ?? 0) - took
      if (rest > 0) await new Promise((go) => setTimeout(go, rest))
    }
  }
  await Promise.all(Array.from({ length: load.connections }, one))
  const seconds = (performance.now() - started) / 1_000
  agent.destroy()
  times.sort((a, b) => a - b)
  const at = (part: number): number => times[Math.min(times.length - 1, Math.floor(times.length * part))] ?? Number.NaN
  return { seconds, p50: at(0.5), p99: at(0.99), answered: times.length, refused }
}

process.on('message', (load: Load) => {
  void run(load).then(
    (loaded) => process.send?.(loaded),
    (error: Error) => {
      process.stderr.write(`${error.message}\n`)
      process.exit(1)
    },
  )
})
process.on('disconnect', () => process.exit(0))
// Said once somebody listens here: a message sent to a process that still loads may be lost.
process.send?.('here')
