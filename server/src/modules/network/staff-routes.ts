import { z } from 'zod'
import {
  AddStaff,
  Appoint,
  AppointWatcher,
  EndAppointment,
  LendHand,
  OrderStop,
  SetDutyRule,
  SetLimit,
  WithReason,
} from '#contract/access.ts'
import { Id } from '#contract/network.ts'
import { ok, refuse } from '#kernel/result.ts'
import { read } from '#platform/database/index.ts'
import { type App, reply } from '#platform/http/http.ts'
import { endKin, kinOf, limitsOf, setDutyRule, setLimit } from './duties.ts'
import { may } from './may.ts'
import { endSessions, resetPassword } from './mend-sign-in.ts'
import { appoint, appointWatcher, endAppointment, hire, lendHand, staffOf } from './staff.ts'
import { askToLift, confirmStop, lift, orderStop, stopsHere } from './stops.ts'

const tags = ['岗位与权限']
const OfStaff = z.object({ staffId: Id })
const OfStop = z.object({ stopId: Id })

export const staffRoutes = (app: App): void => {
  app.get('/staff', { schema: { summary: '工作人员和任职', tags }, preHandler: may('staff.see') }, async (req, res) =>
    res.send(await read(req.ctx, staffOf)),
  )
  app.post(
    '/staff',
    { schema: { summary: '添加工作人员（给一个临时密码）', tags, body: AddStaff }, preHandler: may('staff.appoint') },
    async (req, res) => reply(res, await hire(req.ctx, req.body), 201),
  )
  app.post(
    '/staff/:staffId/appointments',
    {
      schema: { summary: '任职：岗位 × 地方 × 任期，可以是代理', tags, params: OfStaff, body: Appoint },
      preHandler: may('staff.appoint'),
    },
    async (req, res) => reply(res, await appoint(req.ctx, { ...req.params, ...req.body }), 201),
  )
  app.post(
    '/appointments/:appointmentId/end',
    {
      schema: { summary: '停任', tags, params: z.object({ appointmentId: Id }), body: EndAppointment },
      preHandler: may('staff.appoint'),
    },
    async (req, res) => reply(res, await endAppointment(req.ctx, { ...req.params, ...req.body }), 201),
  )
  app.post(
    '/staff/:staffId/password-reset',
    {
      schema: { summary: '重设密码（临时密码，原来的登录全部失效）', tags, params: OfStaff, body: WithReason },
      preHandler: may('staff.appoint'),
    },
    async (req, res) => reply(res, await resetPassword(req.ctx, { ...req.params, ...req.body }), 201),
  )
  app.post(
    '/staff/:staffId/sessions/end',
    {
      schema: { summary: '让一位工作人员的登录全部失效', tags, params: OfStaff, body: WithReason },
      preHandler: may('staff.appoint'),
    },
    async (req, res) => reply(res, await endSessions(req.ctx, { ...req.params, ...req.body }), 201),
  )
  app.post(
    '/offices/:watchedOfficeId/watchers',
    {
      schema: {
        summary: '总会任命监事会、管委会、经审会的人员',
        tags,
        params: z.object({ watchedOfficeId: Id }),
        body: AppointWatcher,
      },
      preHandler: may('watchers.appoint'),
    },
    async (req, res) => reply(res, await appointWatcher(req.ctx, { ...req.params, ...req.body }), 201),
  )
  app.post(
    '/offices/:helpedOfficeId/lent-hands',
    {
      schema: {
        summary: '总会向人手不够的办事处借调复核、决定、财务或放行人员，按决议、有期限',
        tags,
        params: z.object({ helpedOfficeId: Id }),
        body: LendHand,
      },
      preHandler: may('hands.lend'),
    },
    async (req, res) => reply(res, await lendHand(req.ctx, { ...req.params, ...req.body }), 201),
  )
  app.get(
    '/staff/:staffId/kin',
    {
      schema: { summary: '一位工作人员登记了哪些近亲属（不显示是谁）', tags, params: OfStaff },
      preHandler: may('staff.see'),
    },
    async (req, res) => {
      const found = await read(req.ctx, (tx) => kinOf(tx, req.params.staffId))
      return reply(res, found ? ok(found) : refuse({ code: 'staff_not_found' }))
    },
  )
  app.post(
    '/kin/:kinId/end',
    {
      schema: { summary: '结束一条近亲属登记', tags, params: z.object({ kinId: Id }), body: WithReason },
      preHandler: may('staff.appoint'),
    },
    async (req, res) => reply(res, await endKin(req.ctx, { ...req.params, ...req.body }), 201),
  )
  app.get(
    '/limits',
    { schema: { summary: '决定权限的限额（没有就是不限）', tags }, preHandler: may('limits.see') },
    async (req, res) => res.send(await read(req.ctx, limitsOf)),
  )
  app.post(
    '/limits',
    { schema: { summary: '按决议设定决定权限的限额', tags, body: SetLimit }, preHandler: may('staff.appoint') },
    async (req, res) => reply(res, await setLimit(req.ctx, req.body), 201),
  )
  app.post(
    '/duty-rules',
    {
      schema: { summary: '按决议设定：是否回避本单位的申领', tags, body: SetDutyRule },
      preHandler: may('staff.appoint'),
    },
    async (req, res) => reply(res, await setDutyRule(req.ctx, req.body), 201),
  )
  app.get(
    '/stops',
    { schema: { summary: '紧急停止（本办事处和总会的）', tags }, preHandler: may('network.see') },
    async (req, res) => res.send(await read(req.ctx, stopsHere)),
  )
  app.post(
    '/stops',
    { schema: { summary: '紧急停止支付或一个计划（第一人）', tags, body: OrderStop }, preHandler: may('stops.order') },
    async (req, res) => reply(res, await orderStop(req.ctx, req.body), 201),
  )
  app.post(
    '/stops/:stopId/confirmation',
    { schema: { summary: '确认紧急停止（第二人）', tags, params: OfStop }, preHandler: may('stops.order') },
    async (req, res) => reply(res, await confirmStop(req.ctx, req.params), 201),
  )
  app.post(
    '/stops/:stopId/lift',
    {
      schema: { summary: '申请恢复（第一人）', tags, params: OfStop, body: WithReason },
      preHandler: may('stops.order'),
    },
    async (req, res) => reply(res, await askToLift(req.ctx, { ...req.params, ...req.body }), 201),
  )
  app.post(
    '/stops/:stopId/lift/confirmation',
    { schema: { summary: '确认恢复（第二人）', tags, params: OfStop }, preHandler: may('stops.order') },
    async (req, res) => reply(res, await lift(req.ctx, req.params), 201),
  )
}
