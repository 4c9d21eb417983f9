import { z } from 'zod'
import { kinRelations } from './kin.ts'
import { Day, Id } from './network.ts'
import type { Refusals } from './refusals.ts'

export const Reason = z.string().trim().min(4).max(200).meta({ description: '原因，会记入操作记录' })
export const Login = z
  .string()
  .trim()
  .toLowerCase()
  .regex(/^[a-z0-9][a-z0-9._-]{2,59}$/, '用户名用小写字母、数字、点、横线，3 至 60 个字符')

const Phone = z
  .string()
  .trim()
  .regex(/^1[3-9]\d{9}$/, '手机号是十一位数字，以 1 开头')
  .meta({ description: '收验证码的手机号' })

export const AddStaff = z.object({
  name: z.string().trim().min(1).max(60),
  login: Login,
  phone: Phone.nullish(),
  reason: Reason,
})
export type AddStaff = z.infer<typeof AddStaff>

export const officeRoles = [
  'unit_officer',
  'agency_clerk',
  'office_reviewer',
  'office_decider',
  'office_finance',
  'office_releaser',
  'administrator',
] as const
export const watcherRoles = ['supervisory_board', 'local_committee', 'union_audit_committee'] as const

export const Appoint = z.object({
  role: z.enum([...officeRoles, ...watcherRoles]),
  place: z.object({ kind: z.enum(['agency', 'point', 'unit']), id: Id }).nullish(),
  from: Day,
  until: Day.nullish().meta({ description: '最后一天的次日；不填是没有约定期限' }),
  fullTime: z.boolean().default(true),
  deputyFor: Id.nullish().meta({ description: '代理哪一项任职' }),
  reason: Reason,
})
export type Appoint = z.infer<typeof Appoint>
export const EndAppointment = z.object({ on: Day, reason: Reason })
export type EndAppointment = z.infer<typeof EndAppointment>
export const WithReason = z.object({ reason: Reason })
export type WithReason = z.infer<typeof WithReason>

export const SetPhone = z.object({ phone: Phone.nullable().meta({ description: '空（null）是取消' }), reason: Reason })
export type SetPhone = z.infer<typeof SetPhone>

export const AppointWatcher = z.object({
  name: z.string().trim().min(1).max(60),
  login: Login,
  phone: Phone.nullish(),
  role: z.enum(watcherRoles),
  from: Day,
  until: Day.nullish(),
  resolution: z.string().trim().min(4).max(200).meta({ description: '任命所依据的决议' }),
  reason: Reason,
})
export type AppointWatcher = z.infer<typeof AppointWatcher>

/** Whom the head office lends an office that is too small for separate hands: never who administers or watches it. */
const lentRoles = ['office_reviewer', 'office_decider', 'office_finance', 'office_releaser'] as const
export const LendHand = AppointWatcher.extend({
  role: z.enum(lentRoles),
  until: Day.meta({ description: '最后一天的次日；借调都有期限' }),
})
export type LendHand = z.infer<typeof LendHand>

export const DeclareKin = z.object({
  memberNumber: z.string().trim().max(40),
  relation: z.enum(Object.keys(kinRelations) as [keyof typeof kinRelations]),
  reason: Reason,
})
export type DeclareKin = z.infer<typeof DeclareKin>

export const LinkPerson = z.object({ memberNumber: z.string().trim().max(40), reason: Reason })
export type LinkPerson = z.infer<typeof LinkPerson>

export const SetLimit = z.object({
  role: z.enum(['agency_clerk', 'office_decider']).nullish(),
  appointmentId: Id.nullish(),
  plan: z.string().trim().max(60).nullish(),
  part: z.string().trim().max(60).nullish(),
  mostFen: z.number().int().min(0).max(900_000_000_000),
  from: Day,
  until: Day.nullish(),
  resolution: z.string().trim().min(4).max(200),
})
export type SetLimit = z.infer<typeof SetLimit>
export const SetDutyRule = z.object({
  from: Day,
  ownUnitBarred: z.boolean().meta({ description: '是否不得决定本人所在单位的申领' }),
  resolution: z.string().trim().min(4).max(200),
})
export type SetDutyRule = z.infer<typeof SetDutyRule>

export const OrderStop = z.object({
  what: z.enum(['payments', 'plan']),
  plan: z.string().trim().min(1).max(60).nullish(),
  reason: Reason,
})
export type OrderStop = z.infer<typeof OrderStop>

export const ChangePassword = z.object({ old: z.string().min(1).max(200), new: z.string().min(1).max(200) })
export type ChangePassword = z.infer<typeof ChangePassword>
export const Code = z.object({ code: z.string().trim().min(6).max(40) })
export type Code = z.infer<typeof Code>
export const EnrolKey = z.object({
  publicKey: z.string().min(1).max(8_000).meta({ description: 'SM2 钥匙的公钥或证书，PEM 格式' }),
})
export type EnrolKey = z.infer<typeof EnrolKey>
export const ShownSignature = z.object({
  signature: z
    .string()
    .trim()
    .min(1)
    .max(400)
    .meta({ description: '对挑战原文的 SM2 签名（SM3，默认用户标识）：base64 或十六进制，ASN.1 或 r‖s 都可以' }),
})
export type ShownSignature = z.infer<typeof ShownSignature>
/** What a single sign-on round trip ends with; what else the provider sends along is between it and us. */
export const OidcBack = z.object({
  state: z.string().max(500).optional(),
  code: z.string().max(4000).optional(),
  error: z.string().max(200).optional(),
})
export const LinkOidc = z.object({
  subject: z
    .string()
    .trim()
    .min(1)
    .max(255)
    .meta({ description: '统一身份平台给这个人的编号（sub），单点登录被拒绝时会显示给本人' }),
  reason: Reason,
})
export type LinkOidc = z.infer<typeof LinkOidc>

export const EndSession = z.object({ sessionId: Id })
export const OfDevice = z.object({ deviceId: Id })

export const accessRefusals = {
  old_password_wrong: { http: 422, zh: '原来的密码不对，没有改动。' },
  session_not_found: { http: 404, zh: '未找到这次登录，可能已经退出。' },
  device_not_found: { http: 404, zh: '未找到这台设备，可能已经移除。' },
  second_step_enrolled: { http: 409, zh: '已经绑定了验证器；换手机请先用恢复码或请管理员解除。' },
  second_step_missing: { http: 422, zh: '还没有绑定验证器，请先绑定。' },
  second_step_wrong: { http: 422, zh: '验证码不对、过时或已经用过，请用下一个六位数字（短信的请重新要一条）再试。' },
  sms_off: { http: 404, zh: '这里没有接短信，请绑定验证器或 SM2 钥匙来做第二步验证。' },
  sms_no_phone: { http: 422, zh: '还没有登记您的手机号，请本级管理员登记；也可以绑定验证器或 SM2 钥匙。' },
  sms_not_needed: {
    http: 409,
    zh: '您已经绑定了验证器或 SM2 钥匙，请用它做第二步验证；丢失了请用恢复码，或请管理员解除。',
  },
  sms_too_many: { http: 429, zh: '一小时里已经给您发过五条验证码。请找一找最近收到的那一条，或过一会儿再要。' },
  sms_not_sent: { http: 503, zh: '短信没有发出去。请过一会儿再试；若仍不行，请告诉本级管理员，或先绑定验证器。' },
  second_key_not_sm2: {
    http: 422,
    zh: '这不是一把 SM2 钥匙的公钥。请从钥匙的工具里导出公钥或证书（PEM 文本，以 -----BEGIN 开头），再交一次；私钥不要离开钥匙。',
  },
  second_key_enrolled: { http: 409, zh: '已经登记了 SM2 钥匙；换钥匙请先请管理员解除。' },
  second_key_missing: { http: 422, zh: '还没有登记 SM2 钥匙，请先登记它的公钥。' },
  second_key_wrong: {
    http: 422,
    zh: '签名不对：请确认插的是您登记的那把钥匙，签的是刚得到的挑战原文（末尾没有换行），再试一次。',
  },
  challenge_over: { http: 422, zh: '没有可以签名的挑战：它已经用过，或者过了五分钟。请要一个新的挑战，再签名。' },
  staff_not_found: { http: 404, zh: '未找到这位工作人员，请核对编号。' },
  appointment_not_found: { http: 404, zh: '未找到这项任职，或者它不是本办事处任命的。' },
  appointment_already_ended: { http: 409, zh: '这项任职已于 {on} 结束。' },
  appointment_days_wrong: { http: 422, zh: '任期的日期不对：开始要早于结束，结束不能早于今天。' },
  place_wrong_for_role: { http: 422, zh: '“{role}”要任职在{where}，请重新选择地方。' },
  deputy_of_other_role: { http: 422, zh: '代理的岗位要与被代理的任职相同。' },
  watcher_from_above: {
    http: 403,
    zh: '监事会、管理委员会、经审会和总会借调的人员，不能由本办事处任命、停任或改登录，请报总会按决议办理。',
  },
  head_office_only: { http: 403, zh: '这件事只能由总会办理。' },
  office_not_found: { http: 404, zh: '未找到这个办事处，请核对编号。' },
  not_yourself: { http: 403, zh: '不能给自己任职、停任或改权限，请由另一位管理员办理。' },
  another_hand_needed: {
    http: 403,
    zh: '您已在 {on} {did}，再{wanted}，就能登录成她，所以这一半要由另一位来办：{who}。{until}，您也可以办。',
  },
  own_claim: { http: 403, zh: '这是您本人的申领，不能由您核实、审核或决定，请交给另一位工作人员。' },
  kin_claim: { http: 403, zh: '这是您近亲属的申领，按回避规定不能由您核实、审核或决定，请交给另一位工作人员。' },
  kin_not_found: { http: 404, zh: '未找到这条亲属登记，请核对编号。' },
  kin_already_ended: { http: 409, zh: '这条亲属登记已于 {on} 结束。' },
  office_lends_itself: { http: 422, zh: '总会不能借调给自己；请在本级直接任职。' },
  own_units_claim: { http: 403, zh: '这是您所在单位的申领，按本办事处的规定要由其他单位的人审核和决定。' },
  above_your_limit: { http: 403, zh: '这一项 {yuan} 元超过了您的决定权限（{limitYuan} 元），请交给权限更高的决定人。' },
  limit_of_nobody: { http: 422, zh: '请写明限额适用于哪个岗位，或者哪一项任职（二选一）。' },
  stop_not_found: { http: 404, zh: '未找到这次紧急停止。' },
  stop_needs_another: { http: 403, zh: '紧急停止和恢复都要两个人：请由另一位有权限的人确认。' },
  stop_step_done: { http: 409, zh: '这一步已经做过，或者还不到这一步。' },
  stop_plan_unknown: { http: 404, zh: '没有叫“{plan}”的计划，没有停止任何计划：请核对名称（tongzhou editions）。' },
  stop_plan_needed: { http: 422, zh: '停止一个计划时，请写明是哪个计划；停止支付时不用写。' },
  stopped: { http: 403, zh: '已紧急停止（{what}）：{reason}。恢复之前不能办理，请联系本级管理员。' },
  oidc_off: { http: 404, zh: '这里没有接统一身份平台，请用用户名和密码登录。' },
  oidc_unreachable: { http: 503, zh: '统一身份平台暂时连不上。请稍后再试，或用用户名和密码登录。' },
  oidc_trip_lost: { http: 401, zh: '这次单点登录已经过时，或者不是从这个浏览器开始的，没有登录。请重新开始单点登录。' },
  oidc_declined: {
    http: 401,
    zh: '统一身份平台没有让这次登录通过（{why}）。请重新开始单点登录；若仍不行，请联系统一身份平台的管理员。',
  },
  oidc_not_trusted: {
    http: 401,
    zh: '统一身份平台的答复没有通过核对，没有登录。请重新开始单点登录；若仍不行，请把时间告诉本级管理员。',
  },
  oidc_not_linked: {
    http: 403,
    zh: '您的统一身份账号还没有关联到同舟的登录。请把这个编号告诉本级管理员，请他为您关联：{subject}。也可以先用密码登录、做第二步验证，再在“我的登录”里自己关联。',
  },
  oidc_no_appointment: { http: 403, zh: '您今天没有任职，不能登录。请联系本级管理员核对任职和任期。' },
  oidc_already_linked: {
    http: 409,
    zh: '这个统一身份账号已经关联了一个登录，或者这个登录已经关联了一个账号。请先解除原来的关联，再重新关联。',
  },
  oidc_link_not_found: { http: 404, zh: '未找到这项关联，可能已经解除。' },
  change_password_first: { http: 403, zh: '现在的密码是管理员发的临时密码，请先改成只有您自己知道的密码。' },
} satisfies Refusals
