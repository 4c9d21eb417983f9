import { timingSafeEqual } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { Database } from '../database/index.ts'
import type { App } from './http.ts'
import { routeOf } from './trace.ts'

/** One request as the log tells it: the route's template and who asked by kind only; no query, number or name. */
export interface RequestLine {
  readonly at: string
  readonly requestId: string
  readonly method: string
  readonly route: string
  readonly status: number
  readonly ms: number
  readonly actor: 'staff' | 'member' | 'system' | 'nobody'
}

export interface ObserveOptions {
  readonly db: Database
  readonly clock: () => Date
  /** where a line a request goes; nowhere when it is absent */
  readonly log?: (line: RequestLine) => void
  /** whoever shows it may read the metrics from elsewhere; without one only this machine may */
  readonly metricsToken?: string
}

const loopback = ['127.0.0.1', '::1', '::ffff:127.0.0.1']
const forwarded = ['forwarded', 'x-forwarded-for', 'x-real-ip']

/** Asked from this machine itself, not through a proxy that stands on it. */
const fromHere = (req: FastifyRequest): boolean =>
  loopback.includes(req.socket.remoteAddress ?? '') && !forwarded.some((name) => name in req.headers)

const shows = (req: FastifyRequest, token: string): boolean => {
  const given = Buffer.from(req.headers.authorization ?? '')
  const wanted = Buffer.from(`Bearer ${token}`)
  return given.length === wanted.length && timingSafeEqual(given, wanted)
}

/** The database answers within two seconds. */
const answers = async (db: Database): Promise<boolean> => {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<false>((done) => {
    timer = setTimeout(() => done(false), 2_000)
  })
  const asked = db.reading.query('select 1').then(
    () => true,
    () => false,
  )
  const found = await Promise.race([asked, late])
  clearTimeout(timer)
  return found
}

const metricsOf = (db: Database) => {
  const register = new Registry()
  collectDefaultMetrics({ register })
  const requests = new Counter({
    name: 'tongzhou_http_requests_total',
    help: 'Requests answered, by method, route template and status',
    labelNames: ['method', 'route', 'status'] as const,
    registers: [register],
  })
  const seconds = new Histogram({
    name: 'tongzhou_http_request_seconds',
    help: 'Time from a request to its answer, by route template',
    labelNames: ['method', 'route'] as const,
    buckets: [0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60],
    registers: [register],
  })
  new Gauge({
    name: 'tongzhou_database_connections',
    help: 'Connections by what they are for and their state, and who waits for one',
    labelNames: ['purpose', 'state'] as const,
    registers: [register],
    collect() {
      for (const [purpose, pool] of [
        ['commands', db.pool],
        ['reading', db.reading],
      ] as const) {
        this.set({ purpose, state: 'busy' }, pool.totalCount - pool.idleCount)
        this.set({ purpose, state: 'idle' }, pool.idleCount)
        this.set({ purpose, state: 'waiting' }, pool.waitingCount)
      }
    },
  })
  const sealedAt = new Gauge({
    name: 'tongzhou_sealed_at_seconds',
    help: 'When the sealed log got its newest head, in seconds since 1970',
    registers: [register],
  })
  new Gauge({
    name: 'tongzhou_sealed_leaves',
    help: 'Size of the sealed log',
    registers: [register],
    async collect() {
      const { rows } = await db.reading.query<{ size: number; sealed_at: Date }>('select * from evidence.newest_head()')
      this.set(rows[0]?.size ?? 0)
      sealedAt.set((rows[0]?.sealed_at.getTime() ?? 0) / 1_000)
    },
  })
  return { register, requests, seconds }
}

/** What an operator looks at: whether it lives, whether it can serve, its metrics, and a line a request. */
export const observe = (app: App, { db, clock, log, metricsToken }: ObserveOptions): void => {
  const { register, requests, seconds } = metricsOf(db)
  const open = { config: { open: true } }
  let closing = false
  app.addHook('preClose', async () => {
    closing = true
  })
  app.addHook('onResponse', (req, res, done) => {
    const route = routeOf(req)
    const ms = Math.round(res.elapsedTime * 10) / 10
    requests.inc({ method: req.method, route, status: res.statusCode })
    seconds.observe({ method: req.method, route }, ms / 1_000)
    log?.({
      at: clock().toISOString(),
      requestId: req.id,
      method: req.method,
      route,
      status: res.statusCode,
      ms,
      actor: req.ctx?.actor.kind ?? 'nobody',
    })
    done()
  })

  app.get('/health', { ...open, schema: { summary: '服务活着（不问数据库）', tags: ['运行'] } }, async (_, res) =>
    res.header('cache-control', 'no-store').send({ ok: true }),
  )
  app.get(
    '/ready',
    { ...open, schema: { summary: '能不能接请求：数据库在两秒内应答，且没有正在停止', tags: ['运行'] } },
    async (_, res) => {
      const database = await answers(db)
      const ok = database && !closing
      return res
        .code(ok ? 200 : 503)
        .header('cache-control', 'no-store')
        .send({ ok, database, stopping: closing })
    },
  )
  app.get(
    '/metrics',
    { ...open, schema: { summary: '运行指标（Prometheus），只给本机或出示口令者', tags: ['运行'] } },
    async (req, res) => {
      const may = metricsToken ? shows(req, metricsToken) : fromHere(req)
      // Whoever may not, learns as little as of any page that does not exist.
      if (!may) return res.callNotFound()
      return res.type(register.contentType).send(await register.metrics())
    },
  )
}
