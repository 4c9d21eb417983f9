import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { LinkOidc, OidcBack, WithReason } from '#contract/access.ts'
import { Id } from '#contract/network.ts'
import { ok, type Result } from '#kernel/result.ts'
import {
  type App,
  giveDeviceCookie,
  giveSessionCookie,
  type HttpOptions,
  reply,
  sentence,
} from '#platform/http/http.ts'
import { html, page } from '#platform/http/page.ts'
import { oidcProvider } from '#platform/sign-in/index.ts'
import { may } from './may.ts'
import { beginLink, beginSignIn, finish, linkFor, linksOf, tripSeconds, unlinkFor, unlinkOwn } from './oidc.ts'
import { own } from './own-account-routes.ts'
import { atTheDoor, sessionHours } from './sign-in.ts'

const tags = ['单点登录']
const tripCookie = 'sign-in-trip'
const OfStaff = z.object({ staffId: Id })
const OfLink = z.object({ linkId: Id })

/** A no, as whoever asks reads it: a page for a browser that walked here, the usual reply for a program. */
const say = (req: FastifyRequest, res: FastifyReply, answer: Result<unknown>): FastifyReply => {
  if (answer.ok || !req.headers.accept?.includes('text/html')) return reply(res, answer)
  const { status, zh } = sentence(answer.refused)
  const body = html`<header><p class="brand">同舟</p><h1>没有登录</h1></header><main><section><p>${zh}</p><p><a href="/sign-in/oidc">重新开始单点登录</a></p></section></main>`
  return res.code(status).type('text/html; charset=utf-8').send(page('没有登录 · 同舟', body))
}

const linkedPage = page(
  '已关联 · 同舟',
  html`<header><p class="brand">同舟</p><h1>已关联</h1></header><main><section><p>以后可以用统一身份账号登录同舟。可以在“我的登录”里随时解除。</p></section></main>`,
)

export const oidcRoutes = (app: App, at: HttpOptions): void => {
  const provider = at.oidc && oidcProvider(at.oidc)
  const secure = provider?.secure ?? true
  const trip = { path: '/sign-in/oidc', httpOnly: true, sameSite: 'lax', secure } as const
  /** Why an answer of the provider was not taken, for the operator: a word of the protocol, nothing of a person. */
  const told = (req: FastifyRequest) => (oidc: string) =>
    process.stderr.write(`${JSON.stringify({ at: at.clock().toISOString(), requestId: req.id, oidc })}\n`)

  app.get(
    '/sign-in/oidc',
    {
      config: { open: true },
      schema: {
        summary: '单点登录：转到统一身份平台',
        tags,
        querystring: z.object({ appointmentId: Id.optional() }),
      },
    },
    async (req, res) => {
      res.header('cache-control', 'no-store')
      const begun = await beginSignIn(atTheDoor(req, at), provider, req.query)
      if (!begun.ok) return say(req, res, begun)
      giveDeviceCookie(req, res)
      return res
        .setCookie(tripCookie, begun.value.sealed, { ...trip, maxAge: tripSeconds })
        .redirect(begun.value.address, 303)
    },
  )
  app.get(
    '/sign-in/oidc/back',
    {
      config: { open: true },
      schema: { summary: '单点登录：从统一身份平台回来', tags, querystring: OidcBack },
    },
    async (req, res) => {
      // A trip ends here whatever it ends with, and nothing of its address is kept or passed on.
      res.header('cache-control', 'no-store').clearCookie(tripCookie, trip)
      const arrived = await finish(atTheDoor(req, at), provider, {
        sealed: req.cookies[tripCookie],
        state: req.query.state,
        search: new URL(req.url, at.oidc?.redirect ?? 'http://localhost').search,
        told: told(req),
      })
      if (!arrived.ok) return say(req, res, arrived)
      if (arrived.value.what === 'linked') return res.type('text/html; charset=utf-8').send(linkedPage)
      giveSessionCookie(res, arrived.value.session.token, { seconds: sessionHours * 3_600, secure })
      return res.redirect('/', 303)
    },
  )
  app.get(
    '/me/oidc-links',
    { schema: { summary: '我的登录关联了哪些统一身份账号', tags }, preHandler: may('own.account') },
    async (req, res) => reply(res, req.ctx.actor.kind === 'staff' ? await linksOf(req.ctx, req.ctx.actor.id) : ok([])),
  )
  app.post(
    '/me/oidc-links',
    { schema: { summary: '关联我的统一身份账号：得到要转去的地址', tags }, preHandler: may('own.identity') },
    async (req, res) => {
      const begun = await beginLink(own(req), provider)
      if (!begun.ok) return reply(res, begun)
      return res
        .setCookie(tripCookie, begun.value.sealed, { ...trip, maxAge: tripSeconds })
        .code(201)
        .send({ address: begun.value.address })
    },
  )
  app.post(
    '/me/oidc-links/:linkId/removal',
    { schema: { summary: '解除我的一项关联', tags, params: OfLink }, preHandler: may('own.identity') },
    async (req, res) => reply(res, await unlinkOwn(own(req), req.params), 201),
  )
  app.get(
    '/staff/:staffId/oidc-links',
    { schema: { summary: '一位工作人员关联的统一身份账号', tags, params: OfStaff }, preHandler: may('staff.see') },
    async (req, res) => reply(res, await linksOf(req.ctx, req.params.staffId)),
  )
  app.post(
    '/staff/:staffId/oidc-links',
    {
      schema: { summary: '为工作人员关联统一身份账号', tags, params: OfStaff, body: LinkOidc },
      preHandler: may('staff.appoint'),
    },
    async (req, res) => reply(res, await linkFor(req.ctx, provider, { ...req.params, ...req.body }), 201),
  )
  app.post(
    '/staff/:staffId/oidc-links/:linkId/removal',
    {
      schema: {
        summary: '解除工作人员的一项关联（其登录全部失效）',
        tags,
        params: OfStaff.extend(OfLink.shape),
        body: WithReason,
      },
      preHandler: may('staff.appoint'),
    },
    async (req, res) => reply(res, await unlinkFor(req.ctx, { ...req.params, ...req.body }), 201),
  )
}
