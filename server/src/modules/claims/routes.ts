import { z } from 'zod'
import { ClaimId, ConfirmEmployment, DecideItem, FileClaim, ItemId, PaperFields, ReviewItem } from '#contract/claims.ts'
import { ok, refuse } from '#kernel/result.ts'
import { may } from '#modules/network/index.ts'
import { clauseName, counterfactuals, editionById, explain, recordOfDecision } from '#modules/plans/index.ts'
import { type Context, read, type Tx } from '#platform/database/index.ts'
import { fieldProblems } from '#platform/http/field-problems.ts'
import { type App, reply } from '#platform/http/http.ts'
import { unkeepable } from '#platform/http/plain-text.ts'
import { upload } from '#platform/http/upload.ts'
import { opensOf } from '#platform/vault/index.ts'
import { handInPaper } from './add-paper.ts'
import { confirmEmployment, employmentToConfirm } from './confirm-employment.ts'
import { decideItem } from './decide-item.ts'
import { fileClaim } from './file-claim.ts'
import { letterText } from './letter.ts'
import { payeeShown } from './payee.ts'
import { papersMissing, requestPapers } from './request-papers.ts'
import { reviewItem, standing } from './review-item.ts'
import {
  decisionOf,
  type EventRow,
  eventInReach,
  filedBy,
  itemInReach,
  itemsInReach,
  itemsOfEvent,
  letterOf,
  stagesElsewhere,
} from './store.ts'
import { withdrawClaim } from './withdraw-claim.ts'

const tags = ['互助金申领']
const ClaimForm = z.object({ claim: z.string().max(100_000) })

/** A unit officer sees number and stage only: neither illness nor figures nor amount, not even of a claim he filed. */
const stageOnly = (ctx: Context): boolean => ctx.actor.role === 'unit_officer'

/** He who filed for her has papers to hand in: he sees which are there, which are missing, and until when they are asked for. */
const papersToHandIn = async (tx: Tx, ctx: Context, event: EventRow) =>
  filedBy(event, ctx.actor)
    ? {
        papers: event.papers.map((paper) => paper.kind),
        papersMissing: await papersMissing(tx, { ...ctx, actor: { ...ctx.actor, place: null } }, event),
        asked: event.asked,
      }
    : {}

export const claimRoutes = (app: App): void => {
  app.post(
    '/claims',
    { schema: { summary: '会员本人申领：一次事件报一次', tags, body: FileClaim }, preHandler: may('claims.file-own') },
    async (req, res) => reply(res, await fileClaim(req.ctx, req.body), 201),
  )
  app.post(
    '/claims/for-member',
    {
      schema: {
        summary: '受会员委托代办申领',
        description: 'multipart：file（会员签名的委托书）、claim（与本人申领相同的 JSON，加 memberNumber）',
        tags,
        consumes: ['multipart/form-data'],
      },
      preHandler: may('claims.file-for-member'),
    },
    async (req, res) => {
      const form = await upload(req, ClaimForm)
      if (!form.ok) return reply(res, form)
      let raw: unknown
      try {
        raw = JSON.parse(form.value.fields.claim)
      } catch {
        return reply(
          res,
          refuse({ code: 'input_not_understood', fields: [{ field: 'claim', problem: '应是一段 JSON' }] }),
        )
      }
      if (unkeepable(raw) !== null) return reply(res, refuse({ code: 'input_not_understood', fields: [] }))
      const claim = FileClaim.safeParse(raw)
      if (!claim.success)
        return reply(res, refuse({ code: 'input_not_understood', fields: fieldProblems(claim.error.issues) }))
      return reply(res, await fileClaim(req.ctx, { ...claim.data, mandate: form.value.file }), 201)
    },
  )
  app.get(
    '/claims/:eventId',
    {
      schema: { summary: '一次申领：进度、缺什么材料、各项结果', tags, params: ClaimId },
      preHandler: may('own.see', 'claims.see', 'claims.stage'),
    },
    async (req, res) => {
      const found = await read(req.ctx, async (tx) => {
        const event = await eventInReach(tx, req.ctx, req.params.eventId)
        if (!event) return null
        const items = await itemsOfEvent(tx, tx.office, event.id)
        return {
          event,
          items,
          elsewhere: await stagesElsewhere(tx, event.id),
          toHandIn: stageOnly(req.ctx) ? await papersToHandIn(tx, req.ctx, event) : {},
          missing: stageOnly(req.ctx) ? [] : await papersMissing(tx, req.ctx, event),
          seals: await opensOf(req.ctx.services.vault, tx, [event.personId]),
        }
      })
      if (!found) return reply(res, refuse({ code: 'claim_not_found' }))
      const { event, items, elsewhere, toHandIn, missing, seals } = found
      if (stageOnly(req.ctx)) {
        return res.send({
          id: event.id,
          number: event.number,
          filedOn: event.filedOn,
          stages: items.map((item) => item.stage),
          elsewhere: elsewhere.map((each) => each.stage),
          ...toHandIn,
        })
      }
      return res.send({
        id: event.id,
        number: event.number,
        filedOn: event.filedOn,
        facts: event.facts,
        payee: payeeShown(req.ctx.services.vault, seals, event),
        papers: event.papers.map((paper) => ({ id: paper.id, kind: paper.kind })),
        papersMissing: missing,
        asked: event.asked,
        items,
        elsewhere,
      })
    },
  )
  app.post(
    '/claims/:eventId/papers',
    {
      schema: {
        summary: '交一份材料',
        description: 'multipart：file、kind',
        tags,
        params: ClaimId,
        consumes: ['multipart/form-data'],
      },
      preHandler: may('own.see', 'claims.file-for-member', 'claims.review'),
    },
    async (req, res) => {
      const form = await upload(req, PaperFields)
      if (!form.ok) return reply(res, form)
      return reply(
        res,
        await handInPaper(req.ctx, { ...req.params, kind: form.value.fields.kind, paper: form.value.file }),
        201,
      )
    },
  )
  app.post(
    '/claims/:eventId/papers-request',
    { schema: { summary: '一次性告知要补的材料', tags, params: ClaimId }, preHandler: may('claims.review') },
    async (req, res) => reply(res, await requestPapers(req.ctx, req.params), 201),
  )
  app.post(
    '/claims/:eventId/withdrawal',
    {
      schema: { summary: '撤回申领（作出决定之前）', tags, params: ClaimId },
      preHandler: may('claims.withdraw', 'claims.file-for-member'),
    },
    async (req, res) => reply(res, await withdrawClaim(req.ctx, req.params), 201),
  )
  app.get(
    '/employment-to-confirm',
    {
      schema: { summary: '请本单位核实的申领：会员本人报的，单位还没有答复', tags },
      preHandler: may('claims.confirm-employment'),
    },
    async (req, res) => res.send(await read(req.ctx, (tx) => employmentToConfirm(tx, req.ctx))),
  )
  app.post(
    '/claims/:eventId/employment',
    {
      schema: { summary: '单位核实：是不是本单位的人、是否在职', tags, params: ClaimId, body: ConfirmEmployment },
      preHandler: may('claims.confirm-employment'),
    },
    async (req, res) => reply(res, await confirmEmployment(req.ctx, { ...req.params, ...req.body }), 201),
  )
  app.get(
    '/claim-items',
    {
      schema: {
        summary: '待办：管辖范围内的申领项目',
        tags,
        querystring: z.object({
          stage: z.enum(['opened', 'reviewed', 'granted', 'refused', 'withdrawn', 'paid']).optional(),
        }),
      },
      preHandler: may('claims.see'),
    },
    async (req, res) => res.send(await read(req.ctx, (tx) => itemsInReach(tx, req.ctx, req.query.stage ?? null))),
  )
  app.get(
    '/claim-items/:itemId',
    { schema: { summary: '一个申领项目：拟给付的每一步与条款', tags, params: ItemId }, preHandler: may('claims.see') },
    async (req, res) => {
      const found = await read(req.ctx, async (tx) => {
        const item = await itemInReach(tx, req.ctx, req.params.itemId)
        const adopted = item && (await editionById(tx, item.editionId))
        if (!item || !adopted) return null
        const { edition } = adopted
        const { judgedBy, proposal } = await standing(tx, item, edition)
        const seals = await opensOf(req.ctx.services.vault, tx, [item.personId])
        const payee = payeeShown(req.ctx.services.vault, seals, item)
        return { item, edition, proposal, payee, besides: counterfactuals(edition, judgedBy, proposal) }
      })
      if (!found) return reply(res, refuse({ code: 'item_not_found' }))
      const { item, edition, proposal, payee, besides } = found
      const { accountSealed: _, payeeNameSealed: __, memberNameSealed: ___, payeeKind: ____, ...told } = item
      const { proposedFen: proposedFirstFen, unitSays, ...shown } = told
      const proposedFen = proposal.missing.length > 0 ? null : proposal.benefitFen
      const lines = explain(edition, proposal).map((line) => ({
        ...line,
        clauseName: clauseName(line.clause),
        clauseText: edition.clauses[line.clause] ?? '',
      }))
      const employment = { asked: item.filedByKind === 'member', answer: unitSays }
      return reply(res, ok({ ...shown, payee, employment, proposal, proposedFen, proposedFirstFen, lines, besides }))
    },
  )
  app.post(
    '/claim-items/:itemId/review',
    {
      schema: { summary: '审核：通过，或按材料重新认定（可往高）', tags, params: ItemId, body: ReviewItem },
      preHandler: may('claims.review'),
    },
    async (req, res) => reply(res, await reviewItem(req.ctx, { ...req.params, ...req.body }), 201),
  )
  app.post(
    '/claim-items/:itemId/decision',
    {
      schema: { summary: '决定：计算、入账、出具决定书', tags, params: ItemId, body: DecideItem },
      preHandler: may('claims.decide', 'claims.decide-at-agency'),
    },
    async (req, res) => reply(res, await decideItem(req.ctx, { ...req.params, ...req.body }), 201),
  )
  app.get(
    '/claim-items/:itemId/record',
    {
      schema: { summary: '决定的审计记录：全部输入、条款与计算，可离线复算', tags, params: ItemId },
      preHandler: may('claims.see'),
    },
    async (req, res) => {
      const decided = await read(req.ctx, async (tx) =>
        (await itemInReach(tx, req.ctx, req.params.itemId)) ? await decisionOf(tx, req.params.itemId) : undefined,
      )
      if (!decided) return reply(res, refuse({ code: 'item_not_found' }))
      const { inputs, sha256, text, clauses, ...rest } = decided
      return res.send(recordOfDecision({ sha256, text, clauses }, inputs.case, rest))
    },
  )
  app.get(
    '/claim-items/:itemId/letter',
    { schema: { summary: '决定书', tags, params: ItemId }, preHandler: may('own.see', 'claims.see') },
    async (req, res) => {
      const found = await read(req.ctx, async (tx) => {
        const own = req.ctx.actor.kind === 'member'
        if (!own && !(await itemInReach(tx, req.ctx, req.params.itemId))) return null
        const row = await letterOf(tx, req.params.itemId)
        const adopted = row && (await editionById(tx, row.editionId))
        return row && adopted && (!own || row.personId === req.ctx.actor.id) ? { row, edition: adopted.edition } : null
      })
      if (!found) return reply(res, refuse({ code: 'item_not_found' }))
      const { nameSealed, ...row } = found.row
      return res.send(letterText(found.edition, row, req.ctx.services.vault.open('member.name', nameSealed)))
    },
  )
}
