import { Forget, GiveConsent, OfMember, ReadActs, Reveal } from '#contract/privacy.ts'
import { may } from '#modules/network/index.ts'
import { read } from '#platform/database/index.ts'
import { type App, reply } from '#platform/http/http.ts'
import { ownActs, readActs } from './acts.ts'
import { giveConsent } from './consent.ts'
import { forget } from './forget.ts'
import { ownData } from './own-data.ts'
import { reveal } from './reveal.ts'

const tags = ['个人信息']

export const privacyRoutes = (app: App): void => {
  app.post(
    '/members/:memberNumber/reveal',
    {
      schema: {
        summary: '显示完整的证件号码、姓名或账号（写明用途，会员看得到）',
        tags,
        params: OfMember,
        body: Reveal,
      },
      preHandler: may('members.reveal'),
    },
    async (req, res) => {
      res.header('cache-control', 'no-store')
      return reply(res, await reveal(req.ctx, { ...req.params, ...req.body }), 201)
    },
  )
  app.get(
    '/me/data',
    { schema: { summary: '互助会持有的关于我的全部资料，及谁看过', tags }, preHandler: may('own.see') },
    async (req, res) =>
      res
        .header('cache-control', 'no-store')
        .header('content-disposition', 'attachment; filename="my-data.json"')
        .send(await read(req.ctx, (tx) => ownData(tx, req.ctx))),
  )
  app.get(
    '/me/acts',
    { schema: { summary: '别人替我办的、和我有关的每一件事，新的在前', tags }, preHandler: may('own.see') },
    async (req, res) => res.header('cache-control', 'no-store').send(await read(req.ctx, (tx) => ownActs(tx, req.ctx))),
  )
  app.post(
    '/me/acts/read',
    { schema: { summary: '这些我都看过了', tags, body: ReadActs }, preHandler: may('own.see') },
    async (req, res) => reply(res, await readActs(req.ctx, req.body), 201),
  )
  app.post(
    '/me/consents',
    { schema: { summary: '同意或撤回一项用途', tags, body: GiveConsent }, preHandler: may('own.see') },
    async (req, res) => reply(res, await giveConsent(req.ctx, req.body), 201),
  )
  app.post(
    '/members/:memberNumber/key-destruction',
    {
      schema: { summary: '销毁一位会员的密钥和身份信息（不可恢复）', tags, params: OfMember, body: Forget },
      preHandler: may('members.forget'),
    },
    async (req, res) => reply(res, await forget(req.ctx, { ...req.params, ...req.body }), 201),
  )
}
