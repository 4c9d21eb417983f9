import { ok } from '#kernel/result.ts'
import { transact } from '#platform/database/index.ts'
import type { App } from '#platform/http/http.ts'
import { isWatcher } from './roles.ts'

/** Whatever a supervisor opens is an act, kept before he gets it; where it cannot be kept, nothing is shown. */
export const logWhatWatchersOpen = (app: App): void => {
  app.addHook('onSend', (req, res, payload, done) => {
    if (!req.ctx || !isWatcher(req.ctx.actor.role) || res.statusCode !== 200 || req.method !== 'GET')
      return done(null, payload)
    const { idempotencyKey: _, ...ctx } = req.ctx
    const ids = Object.values((req.params ?? {}) as Record<string, unknown>).join('/')
    const act = { object: `${req.routeOptions.url ?? ''}${ids ? ` ${ids}` : ''}` }
    transact(ctx, 'watcher.opened', async () => ok(null), act).then(() => done(null, payload), done)
  })
}
