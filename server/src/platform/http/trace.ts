import type { FastifyRequest } from 'fastify'
import type { Span, Traces } from '../traces/index.ts'
import type { App } from './http.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The request as it is watched; absent unless traces are switched on. */
    trace?: Span
  }
}

/** The route's template, since an address holds ids and whatever somebody typed into it. */
export const routeOf = (req: FastifyRequest): string =>
  req.is404 ? 'no such page' : (req.routeOptions.url ?? 'no such page')

/** A span a request, from its first hook to its answer: method, route, status, refusal, and the number it goes by. */
export const traceRequests = (app: App, traces: Traces): void => {
  app.decorateRequest('trace', undefined)
  app.addHook('onRequest', (req, _, done) => {
    const route = routeOf(req)
    const told = { 'http.request.method': req.method, 'http.route': route, 'tongzhou.request_id': req.id }
    const { traceparent } = req.headers
    req.trace = traces.begin(`${req.method} ${route}`, told, typeof traceparent === 'string' ? traceparent : undefined)
    done()
  })
  app.addHook('onResponse', (req, res, done) => {
    req.trace?.tell({ 'http.response.status_code': res.statusCode, 'tongzhou.actor': req.ctx?.actor.kind ?? 'nobody' })
    req.trace?.end(res.statusCode >= 500 ? String(res.statusCode) : undefined)
    done()
  })
  // Who goes away before the answer leaves a span too.
  app.addHook('onRequestAbort', (req, done) => {
    req.trace?.end('gone')
    done()
  })
}
