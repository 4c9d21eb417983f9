import { z } from 'zod'
import { Id, RegisterUnit, SignedIn, SignIn, Unit } from '#contract/network.ts'
import { ok } from '#kernel/result.ts'
import { read, transact } from '#platform/database/index.ts'
import { type App, giveDeviceCookie, type HttpOptions, reply } from '#platform/http/http.ts'
import { endSession } from '#platform/sign-in/index.ts'
import { may } from './may.ts'
import { oidcRoutes } from './oidc-routes.ts'
import { ownAccountRoutes } from './own-account-routes.ts'
import { registerUnit } from './register-unit.ts'
import { secondStepRoutes } from './second-step-routes.ts'
import { atTheDoor, signIn } from './sign-in.ts'
import { staffRoutes } from './staff-routes.ts'
import { networkTree, newActsOf, unitsInReach, wordsOf } from './store.ts'
import { logWhatWatchersOpen } from './watchers.ts'

const tags = ['组织网络']

export const networkRoutes = (app: App, at: HttpOptions): void => {
  logWhatWatchersOpen(app)
  staffRoutes(app)
  ownAccountRoutes(app)
  secondStepRoutes(app)
  oidcRoutes(app, at)
  app.post(
    '/sign-in',
    { config: { open: true }, schema: { summary: '登录', tags, body: SignIn, response: { 200: SignedIn } } },
    async (req, res) => {
      const answer = await signIn(atTheDoor(req, at), req.body)
      if (answer.ok) giveDeviceCookie(req, res)
      return reply(res, answer)
    },
  )
  app.post('/sign-out', { schema: { summary: '退出', tags }, preHandler: may('own.account') }, async (req, res) =>
    reply(
      res.clearCookie('session', { path: '/' }),
      await transact(req.ctx, 'network.sign-out', async (tx) => {
        await endSession(tx, req.sessionId, req.ctx.at)
        return ok({})
      }),
    ),
  )
  app.get(
    '/me',
    { schema: { summary: '我是谁：姓名、岗位、所在办事处', tags }, preHandler: may('own.account') },
    async (req, res) => {
      const { office, actor, today } = req.ctx
      return res.send({
        office,
        name: actor.name,
        kind: actor.kind,
        role: actor.role,
        place: actor.place,
        today,
        words: await read(req.ctx, wordsOf),
        ...(actor.kind === 'member' ? { newActs: await read(req.ctx, (tx) => newActsOf(tx, actor.id)) } : {}),
      })
    },
  )
  app.get(
    '/network',
    { schema: { summary: '组织网络：办事处、代办处、代办点', tags }, preHandler: may('network.see') },
    async (req, res) => res.send({ ...(await read(req.ctx, networkTree)), words: await read(req.ctx, wordsOf) }),
  )
  app.get(
    '/units',
    {
      schema: { summary: '管辖范围内的单位', tags, response: { 200: z.array(Unit) } },
      preHandler: may('units.see'),
    },
    async (req, res) => res.send(await read(req.ctx, (tx) => unitsInReach(tx, req.ctx))),
  )
  app.post(
    '/units',
    {
      schema: { summary: '登记单位', tags, body: RegisterUnit, response: { 201: z.object({ id: Id }) } },
      preHandler: may('units.register'),
    },
    async (req, res) => reply(res, await registerUnit(req.ctx, req.body), 201),
  )
}
