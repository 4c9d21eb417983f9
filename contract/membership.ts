import { z } from 'zod'
import { Day, Id } from './network.ts'
import type { Refusals } from './refusals.ts'

export const ApplyForUnit = z.object({
  unitId: Id,
  appliedOn: Day,
  workers: z.coerce.number().int().min(1).max(10_000_000),
})
export type ApplyForUnit = z.infer<typeof ApplyForUnit>

export const MemberRow = z.object({
  memberNumber: z.string(),
  name: z.string().meta({ description: '脱敏姓名' }),
  unit: z.string(),
  joinedOn: z.string(),
  coversInForce: z.number().meta({ description: '当日有效的保障数' }),
  hasRights: z.boolean().meta({ description: '当日是否享有会员权利（有有效保障）' }),
})

export const membershipRefusals = {
  unit_not_admitted: { http: 422, zh: '该单位还没有批准入会，请先提交加盖公章的团体入会申请。' },
  unit_already_admitted: { http: 409, zh: '该单位已经入会，不需要再次申请。' },
  application_not_found: { http: 404, zh: '没有找到该单位待批准的入会申请，请先提交申请。' },
  admitter_filed_it: { http: 403, zh: '提交申请的人不能自己批准，请由代办处或办事处的另一位工作人员批准。' },
  day_in_future: { http: 422, zh: '日期 {given} 还没有到，请核对。' },
} satisfies Refusals
