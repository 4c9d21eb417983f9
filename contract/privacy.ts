import { z } from 'zod'
import { MemberNumber } from './network.ts'
import type { Refusals } from './refusals.ts'

export const Reveal = z.object({
  what: z.enum(['paper', 'name', 'account']).meta({ description: '证件号码、姓名，或最近一次申领的收款账号' }),
  purpose: z.string().trim().min(4).max(200).meta({ description: '用途；会员本人看得到' }),
})
export type Reveal = z.infer<typeof Reveal>
export const OfMember = z.object({ memberNumber: MemberNumber })
export const GiveConsent = z.object({
  purpose: z.enum(['settlement_data', 'text_messages', 'surveys']),
  given: z.boolean(),
})
export type GiveConsent = z.infer<typeof GiveConsent>
export const ReadActs = z.object({
  newest: z
    .string()
    .regex(/^[1-9]\d{0,5}\.[a-z]\d[\d.]{0,60}$/)
    .meta({ description: '看到的那份列表的 newest，原样交回' }),
})
export const Forget = z.object({ reason: z.string().trim().min(4).max(200) })
export type Forget = z.infer<typeof Forget>

export const privacyRefusals = {
  acts_changed: { http: 409, zh: '您看的时候又有了新的内容，还没有记为看过。请再看一遍，再记为看过。' },
  nothing_to_reveal: { http: 404, zh: '没有可以显示的内容：没有登记，或者已经按规定销毁。' },
  forgetting_open_cover: { http: 409, zh: '这位会员还有保障在生效（到 {until}），现在不能销毁。' },
  forgetting_open_money: { http: 409, zh: '这位会员还有没有办结的申领或没有付清的款项，现在不能销毁。' },
  forgetting_too_early: { http: 409, zh: '按保存期限（{source}），这位会员的材料要保存到 {until}，现在不能销毁。' },
  already_forgotten: { http: 409, zh: '这位会员的资料已经销毁。' },
} satisfies Refusals
