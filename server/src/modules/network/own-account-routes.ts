import type { FastifyRequest } from 'fastify'
import { ChangePassword, EndSession, OfDevice } from '#contract/access.ts'
import { read } from '#platform/database/index.ts'
import { type App, deviceOf, reply } from '#platform/http/http.ts'
import { may } from './may.ts'
import {
  changePassword,
  endOtherSessions,
  endOwnSession,
  forgetOwnDevice,
  type OwnContext,
  ownDevices,
  ownSessions,
} from './own-account.ts'

const tags = ['我的登录']
export const own = (req: FastifyRequest): OwnContext => ({
  ...req.ctx,
  sessionId: req.sessionId,
  device: deviceOf(req),
})

export const ownAccountRoutes = (app: App): void => {
  const preHandler = may('own.account')
  app.post(
    '/me/password',
    { schema: { summary: '改密码', tags, body: ChangePassword }, preHandler },
    async (req, res) => reply(res, await changePassword(own(req), req.body)),
  )
  app.get('/me/sessions', { schema: { summary: '我在哪些地方登录着', tags }, preHandler }, async (req, res) =>
    res.send(await read(req.ctx, (tx) => ownSessions(tx, own(req)))),
  )
  app.post(
    '/me/sessions/:sessionId/end',
    { schema: { summary: '让我的一次登录失效', tags, params: EndSession }, preHandler },
    async (req, res) => reply(res, await endOwnSession(own(req), req.params)),
  )
  app.post(
    '/me/sessions/end-others',
    { schema: { summary: '除这里以外全部退出', tags }, preHandler },
    async (req, res) => reply(res, await endOtherSessions(own(req))),
  )
  app.get('/me/devices', { schema: { summary: '我做过第二步验证的设备', tags }, preHandler }, async (req, res) =>
    res.send(await ownDevices(own(req))),
  )
  app.post(
    '/me/devices/:deviceId/removal',
    { schema: { summary: '移除我的一台设备（它上面的登录失效）', tags, params: OfDevice }, preHandler },
    async (req, res) => reply(res, await forgetOwnDevice(own(req), req.params), 201),
  )
}
