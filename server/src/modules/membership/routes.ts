import { z } from 'zod'
import { DeclareKin, LinkPerson } from '#contract/access.ts'
import { ApplyForUnit, MemberRow } from '#contract/membership.ts'
import { AfterMember, Day, Id, MemberNumber } from '#contract/network.ts'
import { may } from '#modules/network/index.ts'
import { read } from '#platform/database/index.ts'
import { type App, reply } from '#platform/http/http.ts'
import { upload } from '#platform/http/upload.ts'
import { maskName } from '#platform/vault/index.ts'
import { admitUnit } from './admit-unit.ts'
import { applyForUnit } from './apply-for-unit.ts'
import { issueCode } from './issue-code.ts'
import { declareKin, linkStaff } from './link-staff.ts'
import { rollOn } from './store.ts'

const tags = ['会员']
const OfUnit = z.object({ unitId: Id })

export const membershipRoutes = (app: App): void => {
  app.post(
    '/units/:unitId/application',
    {
      schema: {
        summary: '提交团体入会申请（盖章扫描件）',
        description: 'multipart：file、appliedOn、workers',
        tags,
        params: OfUnit,
        consumes: ['multipart/form-data'],
      },
      preHandler: may('units.apply', 'units.register'),
    },
    async (req, res) => {
      const form = await upload(req, ApplyForUnit.omit({ unitId: true }))
      if (!form.ok) return reply(res, form)
      return reply(
        res,
        await applyForUnit(req.ctx, { ...form.value.fields, ...req.params, paper: form.value.file }),
        201,
      )
    },
  )
  app.post(
    '/units/:unitId/admission',
    { schema: { summary: '批准单位入会', tags, params: OfUnit }, preHandler: may('units.admit') },
    async (req, res) => reply(res, await admitUnit(req.ctx, req.params), 201),
  )
  app.post(
    '/members/:memberNumber/sign-in-code',
    {
      schema: {
        summary: '为到场核对过证件的会员发登录码',
        tags,
        params: z.object({ memberNumber: MemberNumber }),
      },
      preHandler: may('members.issue-code'),
    },
    async (req, res) => reply(res, await issueCode(req.ctx, req.params), 201),
  )
  app.post(
    '/staff/:staffId/person',
    {
      schema: {
        summary: '登记工作人员本人是哪位会员（用于回避）',
        tags: ['岗位与权限'],
        params: z.object({ staffId: Id }),
        body: LinkPerson,
      },
      preHandler: may('staff.appoint'),
    },
    async (req, res) => reply(res, await linkStaff(req.ctx, { ...req.params, ...req.body }), 201),
  )
  app.post(
    '/staff/:staffId/kin',
    {
      schema: {
        summary: '登记工作人员的近亲属是哪位会员（用于回避）',
        tags: ['岗位与权限'],
        params: z.object({ staffId: Id }),
        body: DeclareKin,
      },
      preHandler: may('staff.appoint'),
    },
    async (req, res) => reply(res, await declareKin(req.ctx, { ...req.params, ...req.body }), 201),
  )
  app.get(
    '/members',
    {
      schema: {
        summary: '某日的会员名册，每人一行',
        tags,
        querystring: z.object({
          on: Day.optional(),
          after: AfterMember,
          limit: z.coerce.number().int().min(1).max(5_000).default(1_000),
        }),
        response: { 200: z.object({ on: z.string(), members: z.array(MemberRow), next: z.string().nullable() }) },
      },
      preHandler: may('members.see'),
    },
    async (req, res) => {
      const on = req.query.on ?? req.ctx.today
      const rows = await read(req.ctx, (tx) => rollOn(tx, req.ctx, on, req.query.after, req.query.limit))
      const names = await req.ctx.services.vault.openMany(
        'member.name',
        rows.map((row) => row.nameSealed),
      )
      return res.send({
        on,
        members: rows.map(({ nameSealed: _, ...row }, i) => ({
          ...row,
          name: maskName(names[i] ?? ''),
          hasRights: row.coversInForce > 0,
        })),
        next: rows.length === req.query.limit ? (rows.at(-1)?.memberNumber ?? null) : null,
      })
    },
  )
}
