import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { claimReactions, claimRoutes } from '#modules/claims/index.ts'
import { contributionRoutes, issueNotice } from '#modules/contributions/index.ts'
import { disclosureRoutes } from '#modules/disclosure/index.ts'
import { enrolmentRoutes } from '#modules/enrolment/index.ts'
import { ledgerRoutes } from '#modules/ledger/index.ts'
import { membershipRoutes } from '#modules/membership/index.ts'
import { networkRoutes } from '#modules/network/index.ts'
import { paymentRoutes } from '#modules/payments/index.ts'
import { planRoutes } from '#modules/plans/index.ts'
import { privacyRoutes } from '#modules/privacy/index.ts'
import { type App, type HttpOptions, httpServer } from '#platform/http/http.ts'
import { referenceRoutes } from '#platform/http/reference.ts'
import { jobWorker } from '#platform/jobs/index.ts'

const style = fileURLToPath(new URL('../../web/public/tongzhou.css', import.meta.url))

/** The whole application, wired by hand in the order of the main job. */
export const createApp = async (options: HttpOptions): Promise<App> => {
  const app = await httpServer(options)
  const css = await readFile(style, 'utf8')
  app.get('/tongzhou.css', { config: { open: true }, schema: { hide: true } }, async (_, res) =>
    res.type('text/css; charset=utf-8').header('cache-control', 'public, max-age=3600').send(css),
  )
  app.get(
    '/health',
    { config: { open: true }, schema: { summary: '服务和数据库是否正常', tags: ['运行'] } },
    async (_, res) => {
      await options.db.pool.query('select 1')
      return res.send({ ok: true })
    },
  )
  networkRoutes(app, options)
  membershipRoutes(app)
  planRoutes(app)
  enrolmentRoutes(app, { issueNotice })
  contributionRoutes(app)
  claimRoutes(app)
  paymentRoutes(app)
  ledgerRoutes(app)
  disclosureRoutes(app, options)
  privacyRoutes(app)
  referenceRoutes(app)
  await app.ready()
  return app
}

/** The worker that delivers what one module announced to another. */
export const createWorker = (options: HttpOptions) => jobWorker({ ...options, handlers: claimReactions })
