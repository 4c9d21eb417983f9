import { z } from 'zod'
import type { Refusals } from './refusals.ts'

export const MendAccount = z.object({
  name: z.string().trim().min(1).max(60),
  account: z
    .string()
    .trim()
    .regex(/^\d[\d ]{7,30}\d$/, '银行账号应是 9 至 32 位数字'),
  branch: z.string().trim().min(2).max(100),
  reason: z.string().trim().min(2).max(200),
})
export type MendAccount = z.infer<typeof MendAccount>

/** Where a due stands; it follows from what happened and is kept nowhere. */
export const DueStates = z.enum(['in_notice', 'ready', 'sent', 'failed', 'paid'])

export const paymentsRefusals = {
  nothing_to_pay: { http: 422, zh: '现在没有可以支付的项目。需要先公示的，要等公示期结束；退回的，要先更正账户。' },
  batch_not_found: { http: 404, zh: '未找到这个支付批次。' },
  batch_already_released: { http: 409, zh: '这个批次已经放行。' },
  releaser_made_it: { http: 403, zh: '制单人不能放行自己做的批次，请由另一位有权限的人放行。' },
  batch_not_released: { http: 422, zh: '这个批次还没有放行，请先放行。' },
  answer_columns_missing: { http: 422, zh: '银行回单里没有找到这些列：{missing}。' },
  answer_refused: { http: 422, zh: '银行回单有 {count} 处对不上，什么都没有入账：{first}。请向银行索取正确的回单。' },
  due_not_found: { http: 404, zh: '未找到这笔应付款。' },
  due_not_failed: { http: 409, zh: '这笔款没有被银行退回，不需要更正账户。' },
  account_already_mended: { http: 409, zh: '这笔款的账户已经更正，等待下一批支付。' },
} satisfies Refusals
