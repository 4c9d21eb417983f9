import { z } from 'zod'
import { Code, EnrolKey, SetPhone, ShownSignature, WithReason } from '#contract/access.ts'
import { Id } from '#contract/network.ts'
import { read } from '#platform/database/index.ts'
import { type App, reply } from '#platform/http/http.ts'
import { may } from './may.ts'
import { removeSecondStep, setPhone } from './mend-sign-in.ts'
import { own } from './own-account-routes.ts'
import { confirmKey, enrolKey, keyChallenge, makeSecondStepByKey } from './second-key.ts'
import { confirmSecondStep, enrolSecondStep, makeSecondStep } from './second-step.ts'
import { sendSmsCode } from './sms-code.ts'
import { waysOf } from './ways.ts'

const tags = ['我的登录']

export const secondStepRoutes = (app: App): void => {
  const preHandler = may('own.account')
  app.get('/me/second-step', { schema: { summary: '我有哪些第二步验证的方式', tags }, preHandler }, async (req, res) =>
    res.send(await read(req.ctx, (tx) => waysOf(tx, own(req)))),
  )
  app.post(
    '/me/second-step',
    { schema: { summary: '绑定验证器：密钥和二维码（只显示一次）', tags }, preHandler },
    async (req, res) => reply(res, await enrolSecondStep(own(req)), 201),
  )
  app.post(
    '/me/second-step/confirmation',
    { schema: { summary: '用第一个验证码确认绑定；得到恢复码', tags, body: Code }, preHandler },
    async (req, res) => reply(res, await confirmSecondStep(own(req), req.body), 201),
  )
  app.post(
    '/me/second-step/verification',
    { schema: { summary: '这次登录的第二步验证：验证器、恢复码或短信验证码', tags, body: Code }, preHandler },
    async (req, res) => reply(res, await makeSecondStep(own(req), req.body)),
  )
  app.post(
    '/staff/:staffId/second-step/removal',
    {
      schema: {
        summary: '解除工作人员丢失的验证器和 SM2 钥匙',
        tags,
        params: z.object({ staffId: Id }),
        body: WithReason,
      },
      preHandler: may('staff.appoint'),
    },
    async (req, res) => reply(res, await removeSecondStep(req.ctx, { ...req.params, ...req.body }), 201),
  )
  app.post(
    '/me/second-step/key',
    {
      schema: { summary: '登记 SM2 钥匙（USB）的公钥；得到要它签名的挑战', tags, body: EnrolKey },
      preHandler,
    },
    async (req, res) => reply(res, await enrolKey(own(req), req.body), 201),
  )
  app.post(
    '/me/second-step/key/challenge',
    { schema: { summary: '要一个新的挑战，给 SM2 钥匙签名（五分钟内用一次）', tags }, preHandler },
    async (req, res) => reply(res, await keyChallenge(own(req)), 201),
  )
  app.post(
    '/me/second-step/key/confirmation',
    { schema: { summary: '用第一个签名确认这把 SM2 钥匙', tags, body: ShownSignature }, preHandler },
    async (req, res) => reply(res, await confirmKey(own(req), req.body), 201),
  )
  app.post(
    '/me/second-step/key/verification',
    { schema: { summary: '这次登录的第二步验证：SM2 钥匙的签名', tags, body: ShownSignature }, preHandler },
    async (req, res) => reply(res, await makeSecondStepByKey(own(req), req.body)),
  )
  app.post(
    '/me/second-step/sms',
    { schema: { summary: '发一条短信验证码（五分钟内用一次，一小时最多五条）', tags }, preHandler },
    async (req, res) => reply(res, await sendSmsCode(own(req)), 201),
  )
  app.post(
    '/staff/:staffId/phone',
    {
      schema: {
        summary: '登记或取消工作人员收验证码的手机号',
        tags,
        params: z.object({ staffId: Id }),
        body: SetPhone,
      },
      preHandler: may('staff.appoint'),
    },
    async (req, res) => reply(res, await setPhone(req.ctx, { ...req.params, ...req.body }), 201),
  )
}
