import { z } from 'zod'
import { Day, Id } from './network.ts'
import type { Refusals } from './refusals.ts'

export const eventKinds = [
  'inpatient_stay',
  'outpatient',
  'outpatient_listed',
  'emergency_observation',
  'home_sickbed',
  'diagnosis',
  'operation',
  'accident',
  'disability',
  'death',
  'birth',
  'job_loss',
  'age_reached',
  'property_loss',
  'year_closed',
] as const
const FactName = z.string().regex(/^[a-z][a-z0-9_]{0,39}$/)
const Figure = z.number().int().min(0).max(900_000_000_000)

export const EventFacts = z.object({
  kind: z.enum(eventKinds),
  dates: z
    .record(FactName, Day)
    .meta({ description: '各种日期：accident、diagnosis、pathology、admission、discharge、settlement…' }),
  bill: z
    .record(FactName, Figure)
    .default({})
    .meta({ description: '费用（分）：total、in_scope_self_pay…；不知道的不要填 0' }),
  days: z.record(FactName, z.number().int().min(0).max(3_660)).default({}),
  codes: z
    .record(
      FactName,
      z.union([
        z.string().trim().min(1).max(40),
        z.number().int().min(0).max(100),
        z.array(z.string().trim().min(1).max(40)).min(1).max(10),
      ]),
    )
    .default({})
    .meta({ description: '编码：diagnosis（ICD-10）、severity、hospital_level、cause、operation、outcome…' }),
})
export type EventFacts = z.infer<typeof EventFacts>

export const FileClaim = z.object({
  memberNumber: z.string().trim().max(40).optional().meta({ description: '代办时填写会员号；会员本人申领不填' }),
  event: EventFacts,
  words: z.string().trim().max(2_000).default('').meta({ description: '病情或经过，用自己的话说' }),
  nameInNotice: z.boolean().meta({ description: '是否同意公示名单里写脱敏姓名' }),
  payee: z.object({
    kind: z.enum(['member', 'union_account']).default('member'),
    name: z.string().trim().min(1).max(60),
    account: z
      .string()
      .trim()
      .regex(/^\d[\d ]{7,30}\d$/, '银行账号应是 9 至 32 位数字'),
    branch: z.string().trim().min(2).max(100),
  }),
})
export type FileClaim = z.infer<typeof FileClaim>

const SeenFen = Figure.nullish().meta({ description: '您看到的拟给付金额（分）：与现在算出的不同就不办理，请看过再办' })
export const DecideItem = z
  .object({
    seenFen: SeenFen,
    reason: z
      .string()
      .trim()
      .min(4)
      .max(500)
      .optional()
      .meta({ description: '单位的答复与给付相矛盾、核对后仍要给付时写明理由' }),
  })
  .nullish()
export const ReviewItem = z.object({
  seenFen: SeenFen,
  verdict: z.enum(['pass', 'regrade']),
  facts: EventFacts.optional().meta({ description: '复核认定的事实，与申领不同时填写；可以往高认定' }),
  reason: z.string().trim().max(500).optional(),
})
export type ReviewItem = z.infer<typeof ReviewItem>
/** What a unit says of a member who filed herself: whether she is one of its people, and works there still. */
export const ConfirmEmployment = z.object({
  ours: z.boolean().meta({ description: '名单上的本单位职工就是申领人本人' }),
  employment: z.enum(['employed', 'left']).optional().meta({ description: '在职，或已离职；不是本单位的人不填' }),
  leftOn: Day.optional().meta({ description: '离职那一天' }),
  reason: z.string().trim().max(500).optional().meta({ description: '不是本单位的人、已离职、或更正答复时写明理由' }),
  corrects: z.number().int().min(1).max(19).optional().meta({ description: '更正本单位的第几次答复' }),
})
export type ConfirmEmployment = z.infer<typeof ConfirmEmployment>
export const PaperFields = z.object({ kind: z.string().trim().min(1).max(40) })
export const ClaimId = z.object({ eventId: Id })
export const ItemId = z.object({ itemId: Id })

export const claimsRefusals = {
  member_not_found: { http: 404, zh: '未找到这位会员，或不在您的管辖范围内，请核对会员号。' },
  mandate_missing: { http: 422, zh: '代办申领要上传会员签名的委托书。' },
  member_number_not_yours: { http: 403, zh: '本人申领不用填写会员号；替别人申领请由单位工会或代办处办理。' },
  claim_not_found: { http: 404, zh: '未找到该申请，或不在您的管辖范围内。' },
  item_not_found: { http: 404, zh: '未找到该申请项目，或不在您的管辖范围内。' },
  no_cover_found: {
    http: 422,
    zh: '在这些日期没有找到有效的保障，请核对日期；如果确实参加过，请联系单位工会或办事处。',
  },
  claim_already_filed: {
    http: 409,
    zh: '这次{what}已经申领过（申请号 {number}），不用重复申领；要补材料请在原申请里补。',
  },
  stay_overlaps: {
    http: 409,
    zh: '这次住院与申请 {number} 里的住院日期重叠：同一段时间只算一次住院。请核对入院、出院日期；那一份写错了的，请撤回后重新申领，或请办事处改正。',
  },
  facts_impossible: { http: 422, zh: '这些内容互相矛盾：{what}。请对照材料核对。' },
  facts_contradict_decided: {
    http: 409,
    zh: '这次事件的另一个项目已经按别的事实给付，与这里认定的事实矛盾，不能都成立；请由没有审过的复核人对照材料重新认定。',
  },
  day_not_come: { http: 422, zh: '日期 {on} 还没有到，请核对。' },
  claim_too_late: { http: 422, zh: '按条款应在 {until} 之前申领，现在已过期限；如有特殊情况请联系办事处。' },
  claim_withdrawn: { http: 409, zh: '这份申请已经撤回，不用再交材料；要申领请重新报。' },
  item_already_ended: { http: 409, zh: '该申请项目已经{how}，不能再操作。' },
  reviewer_filed_it: { http: 403, zh: '经办人不能复核自己受理的申请，请由另一位工作人员复核。' },
  reviewer_reviewed_before: { http: 403, zh: '初审和复审要由不同的人做，请由另一位工作人员复审。' },
  not_this_level: { http: 403, zh: '现在应由{who}审核，您的岗位不能审这一级。' },
  papers_missing: { http: 422, zh: '还缺材料：{papers}。请先一次性告知申领人补齐。' },
  papers_asked_before: { http: 409, zh: '已经一次性告知过需要补的材料，请等申领人补齐；不要重复告知。' },
  nothing_missing: { http: 422, zh: '材料已经齐全，不需要再补。' },
  facts_missing: { http: 422, zh: '还缺这些内容，才能计算：{facts}。' },
  reason_needed: { http: 422, zh: '改变认定要写明理由（至少 4 个字）和认定的事实。' },
  amount_changed: {
    http: 409,
    zh: '您看过以后有了变化：现在算出 {yuan} 元，您看到的是 {seenYuan} 元。没有办理，请重新看过计算步骤再办。',
  },
  not_ready_to_decide: { http: 422, zh: '还没有完成前面的审核，不能决定。' },
  only_member_withdraws: { http: 403, zh: '只有会员本人或受委托的经办人可以撤回申请。' },
  employment_incomplete: {
    http: 422,
    zh: '请答全：是本单位的人，写明在职还是已离职，已离职的再写离职日期；不是本单位的人，这两项都不填。',
  },
  employment_reason_needed: {
    http: 422,
    zh: '不是本单位的人、已离职，或更正以前的答复，都要写明理由（至少 4 个字）。',
  },
  employment_not_asked: { http: 409, zh: '这次申领不用本单位核实：不是会员本人报的，或者已经全部办结。' },
  employment_already_answered: {
    http: 409,
    zh: '本单位已于 {on} 答复过（第 {answer} 次答复），不用再答；答错了请写明更正第 {answer} 次答复和理由。',
  },
  unit_contradicts: {
    http: 422,
    zh: '单位答复：{said}。请先核对；核对后仍要给付的，写明理由再决定。单位答错的，可以请单位更正。',
  },
  already_decided: { http: 409, zh: '已有项目作出决定，不能撤回；如有异议请按决定书提出。' },
} satisfies Refusals
