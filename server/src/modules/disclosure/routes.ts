import { z } from 'zod'
import { Id } from '#contract/network.ts'
import { ok, refuse } from '#kernel/result.ts'
import { may } from '#modules/network/index.ts'
import { type Database, read, sql } from '#platform/database/index.ts'
import { type App, type HttpOptions, reply } from '#platform/http/http.ts'
import { type About, boardPage, type PaidTotal, publicPage } from './pages.ts'
import { publishLists } from './publish-lists.ts'
import { listRows, listsUp } from './store.ts'

const tags = ['公示与信息公开']
const OfList = z.object({ listId: Id })
/** The smallest group of persons that the open page shows by itself. Set by us, to be checked. */
const smallestGroup = 10

const aboutUs = async (db: Database): Promise<About> => {
  const { rows } = await db.reading.query<{
    association: string
    demonstration: boolean
    offices: number
    term: string | null
    word: string | null
  }>('select * from disclosure.about()')
  const first = rows[0]
  const words = Object.fromEntries(rows.flatMap(({ term, word }) => (term && word ? [[term, word]] : [])))
  return {
    association: first?.association ?? '',
    demonstration: first?.demonstration ?? false,
    offices: first?.offices ?? 0,
    words,
  }
}

export const disclosureRoutes = (app: App, { db }: Pick<HttpOptions, 'db'>): void => {
  app.get(
    '/',
    { config: { open: true }, schema: { summary: '信息公开：付给了多少人、多少钱', tags } },
    async (_, res) => {
      const [about, totals, titles] = await Promise.all([
        aboutUs(db),
        db.reading.query<PaidTotal>(
          'select year, plan, person_times as "personTimes", persons, paid_fen as "paidFen" from disclosure.paid_totals($1)',
          [smallestGroup],
        ),
        db.reading.query<{ plan: string; title: string }>('select * from disclosure.plan_titles()'),
      ])
      return res
        .type('text/html; charset=utf-8')
        .header('cache-control', 'public, max-age=60')
        .send(publicPage(about, totals.rows, new Map(titles.rows.map((row) => [row.plan, row.title])), smallestGroup))
    },
  )
  app.post(
    '/notice-lists',
    { schema: { summary: '生成公示名单（每单位一份）', tags }, preHandler: may('lists.publish') },
    async (req, res) => reply(res, await publishLists(req.ctx), 201),
  )
  app.get(
    '/notice-lists',
    { schema: { summary: '正在公示的名单', tags }, preHandler: may('lists.see', 'own.see') },
    async (req, res) => res.send(await read(req.ctx, (tx) => listsUp(tx, req.ctx))),
  )
  app.get(
    '/notice-lists/:listId',
    { schema: { summary: '一份正在公示的名单', tags, params: OfList }, preHandler: may('lists.see', 'own.see') },
    async (req, res) => {
      const found = await read(req.ctx, async (tx) => {
        const [list] = await listsUp(tx, req.ctx, req.params.listId)
        return list && { ...list, lines: await listRows(tx, list.id) }
      })
      return reply(res, found ? ok(found) : refuse({ code: 'list_not_found' }))
    },
  )
  app.get(
    '/notice-lists/:listId/board',
    { schema: { summary: '供张贴的公示（A4 打印）', tags, params: OfList }, preHandler: may('lists.see') },
    async (req, res) => {
      const found = await read(req.ctx, async (tx) => {
        const [list] = await listsUp(tx, req.ctx, req.params.listId)
        const { rows } = await sql<{ association: string; office: string }>`
        select a.name as association, o.name as office from network.association a, network.office o where o.id = ${tx.office}`.execute(
          tx.q,
        )
        return list && { list, rows: await listRows(tx, list.id), names: rows[0] }
      })
      if (!found) return reply(res, refuse({ code: 'list_not_found' }))
      return res
        .type('text/html; charset=utf-8')
        .header('cache-control', 'no-store')
        .send(boardPage(found.names?.association ?? '', found.list, found.rows, found.names?.office ?? ''))
    },
  )
}
