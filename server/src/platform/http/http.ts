import { randomUUID } from 'node:crypto'
import cookie from '@fastify/cookie'
import helmet from '@fastify/helmet'
import multipart from '@fastify/multipart'
import rateLimit from '@fastify/rate-limit'
import swagger from '@fastify/swagger'
import Fastify, {
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type FastifySchemaValidationError,
} from 'fastify'
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod'
import { refusals } from '#contract/refusals.ts'
import { civilDayAt } from '#kernel/days.ts'
import type { Refused } from '#kernel/result.ts'
import type { Context, Database } from '../database/index.ts'
import type { Services } from '../services.ts'
import { type Device, isDeviceToken, newDeviceToken, type OidcSettings, tokenHash } from '../sign-in/index.ts'
import { type Traces, watched } from '../traces/index.ts'
import { documented } from './document.ts'
import { fieldProblems } from './field-problems.ts'
import type { ObserveOptions } from './observe.ts'
import { unkeepable } from './plain-text.ts'
import { takeTurns } from './take-turns.ts'
import { traceRequests } from './trace.ts'
import { askedFor } from './upload.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** Every route, for the reference and the test of rights. */
    routes: readonly import('./http.ts').DeclaredRoute[]
  }
  interface FastifyRequest {
    /** Who asks, where, on which day; set for every signed-in request. */
    ctx: Context
    /** The second step was made since this sign-in, or this installation asks for none. */
    secondStepDone: boolean
    /** The password was given by an administrator and has to be changed first. */
    passwordIsTemporary: boolean
    /** The session this request came in by. */
    sessionId: number
  }
}

/** A route as it was declared: open to everybody, or which permits it asks for. */
export interface DeclaredRoute {
  readonly method: string
  readonly url: string
  readonly summary: string
  readonly open: boolean
  readonly permits: readonly string[]
}

export interface HttpOptions {
  readonly db: Database
  readonly services: Services
  /** The clock is read once per request, here. */
  readonly clock: () => Date
  readonly bodyLimit?: number
  /** how many requests one address may send a minute */
  readonly requestsPerMinute?: number
  /** what operators are told; see observe.ts */
  readonly log?: NonNullable<ObserveOptions['log']>
  readonly metricsToken?: string
  /** a body's own sign-in, where staff may come from it */
  readonly oidc?: OidcSettings
  /** where spans go, where traces are switched on */
  readonly traces?: Traces
}

export type App = FastifyInstance<
  import('node:http').Server,
  import('node:http').IncomingMessage,
  import('node:http').ServerResponse,
  import('fastify').FastifyBaseLogger,
  ZodTypeProvider
>

/** A sentence for the person, made from the refusal's facts; what it does not name stays in the reply as data. */
export const sentence = (refused: Refused): { status: number; zh: string } => {
  const known = refusals[refused.code as keyof typeof refusals] as { http: number; zh: string } | undefined
  if (!known) return { status: 500, zh: '系统没有说明这个问题，请把参考号告诉管理员。' }
  return { status: known.http, zh: known.zh.replace(/\{(\w+)\}/g, (_, name: string) => String(refused[name] ?? '')) }
}

/** Sends a use case's answer: its value, or the refusal with its sentence. */
export const reply = (
  res: FastifyReply,
  answer: { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly refused: Refused },
  status = 200,
): FastifyReply => {
  if (answer.ok) return res.code(status).send(answer.value)
  const { status: refusedStatus, zh } = sentence(answer.refused)
  res.request?.trace?.tell({ 'tongzhou.refusal': answer.refused.code })
  return res.code(refusedStatus).send({ ...answer.refused, message: zh })
}

const bearer = (req: FastifyRequest): string | null => {
  const header = req.headers.authorization
  if (header?.startsWith('Bearer ')) return header.slice(7)
  return req.cookies.session ?? null
}

/** Gives a browser its session: out of reach of scripts, and of requests that other pages send. */
export const giveSessionCookie = (
  res: FastifyReply,
  token: string,
  { seconds, secure }: { seconds: number; secure: boolean },
): FastifyReply =>
  res.setCookie('session', token, { path: '/', httpOnly: true, sameSite: 'lax', secure, maxAge: seconds })

/** Whether the browser came by https; what a proxy in front says of that touches the sender's own cookies only. */
const cameByHttps = (req: FastifyRequest): boolean =>
  req.protocol === 'https' || req.headers['x-forwarded-proto'] === 'https'

/** The device that a request comes from, where it keeps cookies. */
export const deviceOf = (req: FastifyRequest): Device | null => {
  const { device } = req.cookies
  return isDeviceToken(device) ? { token: device, label: req.headers['user-agent'] ?? null } : null
}

/** Whoever signs in is given a token for the device, to be known again; it opens nothing. */
export const giveDeviceCookie = (req: FastifyRequest, res: FastifyReply): void => {
  if (deviceOf(req)) return
  res.setCookie('device', newDeviceToken(), {
    path: '/',
    httpOnly: true,
    sameSite: 'lax',
    secure: cameByHttps(req),
    maxAge: 400 * 86_400, // as long as browsers keep one
  })
}

type Handler = ((req: FastifyRequest, res: FastifyReply) => Promise<FastifyReply | undefined>) & {
  readonly permits?: readonly string[]
}
const closed: Handler = async (_, res) => reply(res, { ok: false, refused: { code: 'not_allowed' } })

/** A browser sends a cookie to us from anybody's page; what changes something must come from our own. */
const fromElsewhere = (req: FastifyRequest): boolean => {
  if (req.headers.authorization?.startsWith('Bearer ') || ['GET', 'HEAD'].includes(req.method)) return false
  const site = req.headers['sec-fetch-site']
  if (site !== undefined) return site !== 'same-origin'
  const { origin } = req.headers
  return !origin || !URL.canParse(origin) || new URL(origin).host !== req.headers.host
}

interface SessionRow {
  office_id: number
  actor_kind: 'staff' | 'member'
  actor_id: number
  name: string
  role: string
  place_kind: 'agency' | 'point' | 'unit' | null
  place_id: number | null
  session_id: number
  second_step_at: Date | null
  temporary: boolean
}

/** Asked by every request, so it is prepared once a connection: planning it costs the database more than answering it. */
const sessionOf = {
  name: 'tongzhou-session',
  text: `select office_id, actor_kind, actor_id, name, role, place_kind, place_id, session_id, second_step_at, temporary
           from network.session_of($1, $2, $3)`,
}

/** A repeat key has this many signs at most. */
const longestKey = 100
const refusalWaitsMs = 1_000

/** What helmet says about every reply, asked once: it is the same each time, and working it out anew is felt in every request. */
const securityHeaders = async (): Promise<Record<string, string>> => {
  const probe = Fastify()
  await probe.register(helmet, {
    // Not "upgrade-insecure-requests": on 127.0.0.1 there is no https, and some browsers would lose the style.
    contentSecurityPolicy: {
      directives: { defaultSrc: ["'self'"], scriptSrc: ["'self'"], upgradeInsecureRequests: null },
    },
  })
  probe.get('/', async (_, res) => res.send())
  const { headers } = await probe.inject('/')
  await probe.close()
  const ofAnyReply = ['content-length', 'date', 'connection']
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      typeof value === 'string' && !ofAnyReply.includes(name) ? [[name, value]] : [],
    ),
  )
}

/** Makes the server: reads the session, opens a context, answers refusals in words, and keeps throws from the person. */
export const httpServer = async ({
  db,
  services,
  clock,
  bodyLimit = 64 * 1024 * 1024,
  requestsPerMinute = 6_000,
  traces,
}: HttpOptions): Promise<App> => {
  const app: App = Fastify({
    logger: false,
    bodyLimit: 1024 * 1024,
    requestTimeout: 60_000,
    connectionTimeout: 65_000,
    // An address with a part too long for any of ours is nowhere.
    frameworkErrors: (_, __, res) =>
      void reply(res as unknown as FastifyReply, { ok: false, refused: { code: 'no_such_page' } }),
    genReqId: () => randomUUID().replace(/-.*-/, ''), // 80 random bits, from a pool that Node keeps
  }).withTypeProvider<ZodTypeProvider>()
  app.setValidatorCompiler(validatorCompiler)
  app.setSerializerCompiler(serializerCompiler)
  if (traces) traceRequests(app, traces) // before all other hooks, so that what they refuse is seen too
  const guarding = await securityHeaders()
  app.addHook('onRequest', (_, res, done) => {
    res.headers(guarding)
    done()
  })
  await app.register(cookie)
  // Who is within bounds need not be told how far: only a refusal says when to come again.
  const silent = { 'x-ratelimit-limit': false, 'x-ratelimit-remaining': false, 'x-ratelimit-reset': false }
  await app.register(rateLimit, {
    max: requestsPerMinute,
    timeWindow: '1 minute',
    addHeaders: silent,
    addHeadersOnExceeding: silent,
  })
  await app.register(multipart, { limits: { fileSize: bodyLimit, files: 1, fields: 20, fieldSize: 10_000 } })
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: '同舟 Tongzhou',
        version: '0.1.0',
        description: '职工互助保障组织的开放平台：网络、会员、参保、互助费、申领、支付、账务、公示。',
      },
      components: { securitySchemes: { session: { type: 'http', scheme: 'bearer' } } },
    },
    transform: documented,
  })

  app.decorateRequest('ctx', null as unknown as Context)
  app.decorateRequest('secondStepDone', false)
  app.decorateRequest('passwordIsTemporary', false)
  app.decorateRequest('sessionId', 0)
  // What a route asks of a role is asked first of all, before its input is looked at; a route that asks nothing and is
  // not open is closed to everybody.
  const routes: DeclaredRoute[] = []
  app.decorate('routes', routes)
  app.addHook('onRoute', (route) => {
    const all = [route.preHandler ?? []].flat() as Handler[]
    const asks = all.filter((each) => each.permits)
    if (asks.length === 0 && !(route.config as { open?: boolean } | undefined)?.open) asks.push(closed)
    route.preHandler = all.filter((each) => !each.permits) as typeof route.preHandler
    route.onRequest = [...[route.onRequest ?? []].flat(), ...asks] as typeof route.onRequest
    routes.push({
      method: String(route.method),
      url: route.url,
      summary: (route.schema as { summary?: string } | undefined)?.summary ?? '',
      open: asks.length === 0,
      permits: asks.flatMap((each) => each.permits ?? []),
    })
  })
  takeTurns(app)
  app.addHook('onRequest', async (req, res) => {
    if ((req.routeOptions.config as { open?: boolean } | undefined)?.open || req.is404) return
    const token = bearer(req)
    const at = clock()
    const today = civilDayAt(at)
    if (!token || token.length > 200) return reply(res, { ok: false, refused: { code: 'sign_in_first' } })
    if (fromElsewhere(req)) return reply(res, { ok: false, refused: { code: 'from_another_page' } })
    const { rows } = await watched(req.trace, 'session', () =>
      db.reading.query<SessionRow>({ ...sessionOf, values: [tokenHash(token), at, today] }),
    )
    const who = rows[0]
    if (!who) return reply(res, { ok: false, refused: { code: 'sign_in_first' } })
    req.sessionId = who.session_id
    req.passwordIsTemporary = who.temporary
    req.secondStepDone = services.secondStep === 'off' || who.second_step_at !== null
    // A key is for what changes something. What is only fetched is fetched again: its answer, a bank file, must not lie about.
    const key = ['GET', 'HEAD'].includes(req.method) ? undefined : req.headers['idempotency-key']
    if (typeof key === 'string' && key.length > longestKey)
      return reply(res, {
        ok: false,
        refused: {
          code: 'input_not_understood',
          fields: [{ field: 'Idempotency-Key', problem: `最多 ${longestKey} 个字符` }],
        },
      })
    req.ctx = {
      db,
      services,
      office: who.office_id,
      actor: {
        kind: who.actor_kind,
        id: who.actor_id,
        name: who.name,
        role: who.role,
        place: who.place_kind && who.place_id !== null ? { kind: who.place_kind, id: who.place_id } : null,
      },
      today,
      at,
      requestId: req.id,
      from: req.ip,
      ...(req.trace ? { trace: req.trace } : {}),
      ...(typeof key === 'string' && key.length > 0 ? { idempotencyKey: key } : {}),
    }
  })

  app.addHook('preValidation', (req, res, done) => {
    const field = unkeepable(req.params) ?? unkeepable(req.query) ?? (req.isMultipart() ? null : unkeepable(req.body))
    if (field === null) return done()
    const problem = '有不能保存的字符'
    reply(res, {
      ok: false,
      refused: { code: 'input_not_understood', fields: [{ field: field.slice(0, 100), problem }] },
    })
  })

  // What an upload asks is known when it has been read (`upload`).
  app.addHook('preHandler', (req, _, done) => {
    if (req.ctx?.idempotencyKey && !req.isMultipart()) req.ctx = askedFor(req, JSON.stringify(req.body) ?? '')
    done()
  })

  app.setNotFoundHandler((_, res) => reply(res, { ok: false, refused: { code: 'no_such_page' } }))
  app.setErrorHandler((error: Error & { statusCode?: number; code?: string; validation?: unknown }, req, res) => {
    if (error.validation) {
      const fields = Array.isArray(error.validation)
        ? fieldProblems(
            (error.validation as FastifySchemaValidationError[]).map(({ instancePath, keyword, message, params }) => ({
              ...params,
              path: instancePath.split('/').slice(1),
              code: keyword,
              message: message ?? '',
            })),
          )
        : []
      return reply(res, { ok: false, refused: { code: 'input_not_understood', fields } })
    }
    if (error.statusCode === 413 || error.code === 'FST_REQ_FILE_TOO_LARGE') {
      return reply(res, { ok: false, refused: { code: 'input_too_large' } })
    }
    if (error.statusCode === 429) {
      // Who floods waits for each refusal: on so many connections he gets so many a second, and the others hardly feel him.
      setTimeout(() => reply(res, { ok: false, refused: { code: 'too_many_requests' } }), refusalWaitsMs)
      return res
    }
    if (error.statusCode && error.statusCode < 500)
      return reply(res, { ok: false, refused: { code: 'input_not_understood', fields: [] } })
    // The message of a throw may hold values of a row: the log keeps its kind and place only.
    process.stderr.write(
      `${JSON.stringify({ at: clock().toISOString(), requestId: req.id, route: req.routeOptions.url, error: error.name, code: error.code, stack: (error.stack ?? '').split('\n').slice(1, 6) })}\n`,
    )
    return res.code(500).send({
      code: 'internal',
      requestId: req.id,
      message: `系统出了问题，没有做任何改动。请稍后再试；若仍不行，请把参考号 ${req.id} 告诉管理员。`,
    })
  })
  return app
}
