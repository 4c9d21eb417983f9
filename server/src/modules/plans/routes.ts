import { z } from 'zod'
import { Id } from '#contract/network.ts'
import { ok, refuse } from '#kernel/result.ts'
import { may } from '#modules/network/index.ts'
import { read } from '#platform/database/index.ts'
import { type App, reply } from '#platform/http/http.ts'
import { openOn } from './joining.ts'
import { adoptedEditions, editionById } from './store.ts'

const tags = ['互助保障计划']

export const planRoutes = (app: App): void => {
  app.get(
    '/editions',
    { schema: { summary: '已通过的计划版本，及今天能否参保', tags }, preHandler: may('editions.see') },
    async (req, res) => {
      const all = await read(req.ctx, adoptedEditions)
      return res.send(
        all.map(({ id, sha256, edition }) => {
          const { open, missing, notWorked, window } = openOn(edition, req.ctx.today)
          const { plan, edition: name, title, issuer, kind, family } = edition
          return { id, plan, edition: name, title, issuer, kind, family, sha256, open, missing, notWorked, window }
        }),
      )
    },
  )
  app.get(
    '/editions/:editionId',
    {
      schema: { summary: '一个计划版本：条款、数值与出处', tags, params: z.object({ editionId: Id }) },
      preHandler: may('editions.see'),
    },
    async (req, res) => {
      const found = await read(req.ctx, (tx) => editionById(tx, req.params.editionId))
      return reply(res, found ? ok(found) : refuse({ code: 'edition_not_found' }))
    },
  )
}
