import { z } from 'zod'
import { memberNumberForm, memberNumberSays } from './member-number.ts'
import type { Refusals } from './refusals.ts'

/** Days that anything of ours can be about; what is outside is a slip of the pen. */
export const Day = z.iso
  .date()
  .refine((on) => on >= '1900-01-01' && on < '2200-01-01', '日期应在 1900 年到 2199 年之间')
  .meta({ description: '日期，北京时间，如 2026-03-01' })
export const MemberNumber = z.string().trim().regex(memberNumberForm, memberNumberSays)
/** Where a page of members goes on; nothing at the first. */
export const AfterMember = z
  .string()
  .regex(new RegExp(`^$|${memberNumberForm.source}`), memberNumberSays)
  .default('')
export const Id = z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER)
/** A page of a list that is newest first; it goes on behind the row of this number, from the newest where none is given. */
export const pageOf = (most: number) =>
  z.object({
    after: Id.optional().meta({ description: '从哪一条之后继续（上一页最后一条的 id）；不填从最新的开始' }),
    limit: z.coerce.number().int().min(1).max(most).default(most),
  })
export type Page = z.infer<ReturnType<typeof pageOf>>

export const SignIn = z.object({
  login: z.string().trim().toLowerCase().min(3).max(60),
  password: z.string().min(1).max(200),
  appointmentId: Id.optional().meta({ description: '有几项任职时，用哪一项；不填用最近的一项' }),
})
export const SignedIn = z.object({
  token: z.string(),
  name: z.string(),
  role: z.string(),
  office: z.number(),
  expiresAt: z.string(),
  newActs: z.number().optional().meta({ description: '会员：别人替她办的、她还没说看过的事有几件（GET /me/acts）' }),
})

export const unitKinds = ['employer', 'joint_union', 'without_code'] as const
export const RegisterUnit = z.object({
  name: z.string().trim().min(2).max(100),
  kind: z.enum(unitKinds),
  creditCode: z.string().trim().max(40).nullish().meta({ description: '统一社会信用代码（GB 32100），用人单位必填' }),
  sector: z.string().trim().max(50).nullish(),
  agencyId: Id,
  pointId: Id.nullish(),
  employers: z
    .array(z.object({ name: z.string().trim().min(2).max(100), creditCode: z.string().trim().max(40).nullish() }))
    .max(500)
    .default([])
    .meta({ description: '联合工会覆盖的用人单位' }),
})
export type RegisterUnit = z.infer<typeof RegisterUnit>

export const Unit = z.object({
  id: z.number(),
  name: z.string(),
  kind: z.enum(unitKinds),
  creditCode: z.string().nullable(),
  agencyId: z.number(),
  pointId: z.number().nullable(),
  admittedOn: z.string().nullable(),
})

export const networkRefusals = {
  credit_code_wrong: {
    http: 422,
    zh: '统一社会信用代码“{given}”不对（校验位不符或有不该出现的字符），请对照营业执照或法人证书核对。',
  },
  credit_code_needed: { http: 422, zh: '用人单位要填写统一社会信用代码；没有代码的单位请把类型选为“无代码单位”。' },
  credit_code_not_expected: {
    http: 422,
    zh: '联合工会和无代码单位不填统一社会信用代码；联合工会请在所覆盖的单位里填写。',
  },
  employers_needed: { http: 422, zh: '联合工会请至少列出一个所覆盖的用人单位。' },
  unit_exists: { http: 409, zh: '本办事处已有同名或同代码的单位，请直接使用已登记的单位。' },
  agency_not_found: { http: 404, zh: '未找到该代办处或代办点，请核对编号。' },
  unit_not_found: { http: 404, zh: '未找到该单位，或该单位不在您的管辖范围内。' },
  staff_exists: { http: 409, zh: '这个用户名已有人使用，请换一个。' },
  password_too_weak: { http: 422, zh: '密码太容易被猜到：请用至少 10 个字符，不要用常见密码或与用户名相同。' },
} satisfies Refusals
