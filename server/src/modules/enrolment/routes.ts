import { z } from 'zod'
import {
  CloseRoster,
  ConfirmHeads,
  HandInFields,
  HandInReply,
  OpenRoster,
  rosterRowStates,
  StateHeads,
  TakeOff,
} from '#contract/enrolment.ts'
import { Id } from '#contract/network.ts'
import { may, unitInReach } from '#modules/network/index.ts'
import { read } from '#platform/database/index.ts'
import { type App, reply } from '#platform/http/http.ts'
import { upload } from '#platform/http/upload.ts'
import { maskName, maskPaper } from '#platform/vault/index.ts'
import { closeRoster, type IssueNotice } from './close-roster.ts'
import { handIn, handInReport } from './hand-in.ts'
import { confirmHeads, stateHeads } from './head-count.ts'
import { lastRoster } from './last-roster.ts'
import { openRoster } from './open-roster.ts'
import { coversOfUnit, headCountsOf, rosterInReach, rosterRows, rostersInReach } from './store.ts'
import { takeOff } from './take-off.ts'

const tags = ['团体参保']
const OfRoster = z.object({ rosterId: Id })
const xlsx = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'

export const enrolmentRoutes = (app: App, { issueNotice }: { issueNotice: IssueNotice }): void => {
  app.post(
    '/rosters',
    { schema: { summary: '为单位开一份参保名单', tags, body: OpenRoster }, preHandler: may('rosters.hand-in') },
    async (req, res) => reply(res, await openRoster(req.ctx, req.body), 201),
  )
  app.get(
    '/rosters',
    { schema: { summary: '管辖范围内的名单', tags }, preHandler: may('rosters.see') },
    async (req, res) => res.send(await read(req.ctx, (tx) => rostersInReach(tx, req.ctx))),
  )
  app.get(
    '/rosters/:rosterId',
    {
      schema: { summary: '一份名单：人数、填报人数、截止与生效', tags, params: OfRoster },
      preHandler: may('rosters.see'),
    },
    async (req, res) => {
      const found = await read(req.ctx, async (tx) => {
        const [roster] = await rostersInReach(tx, req.ctx, req.params.rosterId)
        return roster && { ...roster, headCounts: await headCountsOf(tx, roster.id) }
      })
      return reply(res, found ? { ok: true, value: found } : { ok: false, refused: { code: 'roster_not_found' } })
    },
  )
  app.post(
    '/rosters/:rosterId/files',
    {
      schema: {
        summary: '交名单（xlsx 或 csv）',
        description: 'multipart：file、mode',
        tags,
        params: OfRoster,
        consumes: ['multipart/form-data'],
        response: { 201: HandInReply },
      },
      preHandler: may('rosters.hand-in'),
    },
    async (req, res) => {
      const form = await upload(req, HandInFields)
      if (!form.ok) return reply(res, form)
      return reply(
        res,
        await handIn(req.ctx, { ...req.params, file: form.value.file, mode: form.value.fields.mode }),
        201,
      )
    },
  )
  app.get(
    '/rosters/:rosterId/rows',
    {
      schema: {
        summary: '名单上的人（脱敏）；生效以后，谁有保障、谁没有',
        tags,
        params: OfRoster,
        querystring: z.object({
          state: z.enum(rosterRowStates).optional(),
          after: z
            .string()
            .regex(/^\d{1,15}-\d{1,9}$/)
            .default('0-0')
            .meta({ description: '上一页最后一行的“交表编号-行号”' }),
          limit: z.coerce.number().int().min(1).max(1_000).default(200),
        }),
      },
      preHandler: may('rosters.see'),
    },
    async (req, res) => {
      const [handInId = 0, row = 0] = req.query.after.split('-').map(Number)
      const found = await read(req.ctx, async (tx) =>
        (await rosterInReach(tx, req.ctx, req.params.rosterId))
          ? rosterRows(tx, req.params.rosterId, {
              state: req.query.state ?? null,
              after: { handInId, row },
              limit: req.query.limit,
            })
          : null,
      )
      if (!found) return reply(res, { ok: false, refused: { code: 'roster_not_found' } })
      const { vault } = req.ctx.services
      return res.send(
        found.map(({ nameSealed, paperSealed, ...each }) => ({
          ...each,
          name: maskName(vault.open('member.name', nameSealed)),
          paper: maskPaper(vault.open('member.paper', paperSealed)),
        })),
      )
    },
  )
  app.post(
    '/rosters/:rosterId/removals',
    {
      schema: { summary: '截止以前，把交错的人从名单上移除', tags, params: OfRoster, body: TakeOff },
      preHandler: may('rosters.hand-in'),
    },
    async (req, res) => reply(res, await takeOff(req.ctx, { ...req.params, ...req.body }), 201),
  )
  app.get(
    '/rosters/:rosterId/files/:handInId/report',
    {
      schema: { summary: '下载核对结果：原表加备注列', tags, params: OfRoster.extend({ handInId: Id }) },
      preHandler: may('rosters.see'),
    },
    async (req, res) => {
      const report = await handInReport(req.ctx, req.params, req)
      if (!report.ok) return reply(res, report)
      return res
        .type(xlsx)
        .header('content-disposition', `attachment; filename="roster-${req.params.handInId}.xlsx"`)
        .send(report.value)
    },
  )
  app.post(
    '/rosters/:rosterId/head-count',
    {
      schema: {
        summary: '填报参保比例所用的人数（附证明）',
        description: 'multipart：file、kind、countedOn、heads',
        tags,
        params: OfRoster,
        consumes: ['multipart/form-data'],
      },
      preHandler: may('rosters.hand-in'),
    },
    async (req, res) => {
      const form = await upload(req, StateHeads)
      if (!form.ok) return reply(res, form)
      return reply(res, await stateHeads(req.ctx, { ...form.value.fields, ...req.params, proof: form.value.file }), 201)
    },
  )
  app.post(
    '/rosters/:rosterId/head-count/confirmation',
    {
      schema: { summary: '代办处确认人数', tags, params: OfRoster, body: ConfirmHeads },
      preHandler: may('rosters.confirm-heads'),
    },
    async (req, res) => reply(res, await confirmHeads(req.ctx, { ...req.params, ...req.body }), 201),
  )
  app.post(
    '/rosters/:rosterId/closing',
    {
      schema: { summary: '截止名单：核对参保比例，开出缴费通知单', tags, params: OfRoster, body: CloseRoster },
      preHandler: may('rosters.hand-in'),
    },
    async (req, res) => reply(res, await closeRoster(req.ctx, { ...req.params, ...req.body }, issueNotice), 201),
  )
  app.get(
    '/units/:unitId/last-roster',
    {
      schema: {
        summary: '下载上一期名单（没有就是空白模板），证件号码脱敏，改好再交',
        tags,
        params: z.object({ unitId: Id }),
        querystring: z.object({ editionId: Id }),
      },
      preHandler: may('rosters.hand-in'),
    },
    async (req, res) => {
      const sheet = await lastRoster(req.ctx, { ...req.params, ...req.query }, req)
      if (!sheet.ok) return reply(res, sheet)
      return res.type(xlsx).header('content-disposition', 'attachment; filename="roster.xlsx"').send(sheet.value)
    },
  )
  app.get(
    '/units/:unitId/covers',
    {
      schema: {
        summary: '单位的保障与会员证号',
        tags,
        params: z.object({ unitId: Id }),
        querystring: z.object({ limit: z.coerce.number().int().min(1).max(5_000).default(500) }),
      },
      preHandler: may('rosters.see'),
    },
    async (req, res) => {
      const rows = await read(req.ctx, async (tx) =>
        (await unitInReach(tx, req.ctx, req.params.unitId))
          ? coversOfUnit(tx, req.params.unitId, req.query.limit)
          : null,
      )
      if (!rows) return reply(res, { ok: false, refused: { code: 'unit_not_found' } })
      const { vault } = req.ctx.services
      return res.send(
        rows.map(({ nameSealed, ...row }) => ({ ...row, name: maskName(vault.open('member.name', nameSealed)) })),
      )
    },
  )
}
