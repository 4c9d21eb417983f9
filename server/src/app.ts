import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { claimsRefusals } from '#contract/claims.ts'
import { contributionsRefusals } from '#contract/contributions.ts'
import { disclosureRefusals } from '#contract/disclosure.ts'
import { enrolmentRefusals } from '#contract/enrolment.ts'
import { filesRefusals } from '#contract/files.ts'
import { ledgerRefusals } from '#contract/ledger.ts'
import { membershipRefusals } from '#contract/membership.ts'
import { networkRefusals } from '#contract/network.ts'
import { paymentsRefusals } from '#contract/payments.ts'
import { plansRefusals } from '#contract/plans.ts'
import { platformRefusals } from '#contract/platform.ts'
import { sheetsRefusals } from '#contract/sheets.ts'
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
import { evidenceRoutes, sealer } from '#platform/evidence/index.ts'
import { type App, type HttpOptions, httpServer } from '#platform/http/http.ts'
import { observe } from '#platform/http/observe.ts'
import { referenceRoutes } from '#platform/http/reference.ts'
import { jobWorker } from '#platform/jobs/index.ts'

const style = fileURLToPath(new URL('../../web/public/tongzhou.css', import.meta.url))

/** The whole application, wired by hand in the order of the main job. */
export const createApp = async (options: HttpOptions): Promise<App> => {
  const app = await httpServer(options)
  observe(app, options)
  const css = await readFile(style, 'utf8')
  app.get('/tongzhou.css', { config: { open: true }, schema: { hide: true } }, async (_, res) =>
    res.type('text/css; charset=utf-8').header('cache-control', 'public, max-age=3600').send(css),
  )
  evidenceRoutes(app, options)
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
  referenceRoutes(app, {
    everywhere: { ...platformRefusals, ...filesRefusals },
    parts: {
      组织网络: networkRefusals,
      会员: membershipRefusals,
      互助保障计划: plansRefusals,
      团体参保: { ...enrolmentRefusals, ...sheetsRefusals },
      互助费收缴: { ...contributionsRefusals, ...sheetsRefusals },
      互助金申领: claimsRefusals,
      互助金支付: paymentsRefusals,
      财务: ledgerRefusals,
      公示与信息公开: disclosureRefusals,
    },
  })
  await app.ready()
  return app
}

/** Works behind the requests: delivers what one module announced to another, then seals what was done. */
export const createWorker = (options: HttpOptions) => {
  const jobs = jobWorker({ ...options, handlers: claimReactions })
  const seal = sealer(options)
  return {
    drain: async (): Promise<number> => {
      const handled = await jobs.drain()
      await seal.drain()
      return handled
    },
    start: (): void => {
      jobs.start()
      seal.start()
    },
    stop: async (): Promise<void> => {
      await jobs.stop()
      await seal.stop()
    },
  }
}
