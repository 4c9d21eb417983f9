import { roleWords } from '#contract/role-words.ts'

// 监事会, 管委会, 经审会: they see everything, change nothing, and leave an act at whatever they open (watchers.ts)
const watching = [
  'network.see',
  'editions.see',
  'own.account',
  'own.identity',
  'units.see',
  'limits.see',
  'staff.see',
  'rosters.see',
  'claims.see',
  'contributions.see',
  'payments.see',
  'books.see',
  'lists.see',
  'members.see',
] as const

/**
 * Who may do what, as one table read aloud: the edge asks it before it looks at any input, the database keeps offices
 * apart beneath it, and docs/reference/who-may-do-what.md is written from it. Where a role may do a thing is the place of
 * its appointment: a unit, an agency or point, or the whole office.
 */
export const permits = {
  member: ['network.see', 'editions.see', 'own.see', 'claims.file-own', 'claims.withdraw', 'own.account'],
  unit_officer: [
    'network.see',
    'editions.see',
    'own.account',
    'own.identity',
    'units.see',
    'rosters.hand-in',
    'members.see',
    'rosters.see',
    'notices.see',
    'claims.file-for-member',
    'claims.stage',
    'claims.confirm-employment',
    'lists.see',
    'units.apply',
  ],
  agency_clerk: [
    'network.see',
    'editions.see',
    'own.account',
    'own.identity',
    'units.see',
    'members.reveal',
    'limits.see',
    'units.register',
    'rosters.see',
    'rosters.confirm-heads',
    'units.admit',
    'members.issue-code',
    'members.see',
    'claims.file-for-member',
    'claims.see',
    'claims.review',
    'claims.decide-at-agency',
    'lists.see',
  ],
  office_reviewer: [
    'network.see',
    'editions.see',
    'own.account',
    'own.identity',
    'units.see',
    'members.reveal',
    'limits.see',
    'rosters.see',
    'claims.see',
    'claims.review',
    'lists.see',
    'members.see',
  ],
  office_decider: [
    'network.see',
    'editions.see',
    'own.account',
    'own.identity',
    'units.see',
    'members.reveal',
    'limits.see',
    'stops.order',
    'rosters.see',
    'claims.see',
    'claims.review',
    'claims.decide',
    'lists.see',
    'lists.publish',
    'members.see',
    'units.admit',
  ],
  office_finance: [
    'network.see',
    'editions.see',
    'own.account',
    'own.identity',
    'units.see',
    'limits.see',
    'stops.order',
    'contributions.book',
    'contributions.see',
    'payments.make',
    'payments.see',
    'books.see',
    'lists.publish',
    'lists.see',
    'rosters.see',
  ],
  office_releaser: [
    'network.see',
    'editions.see',
    'own.account',
    'own.identity',
    'units.see',
    'limits.see',
    'stops.order',
    'payments.release',
    'payments.answer',
    'payments.see',
    'books.see',
    'contributions.see',
  ],
  supervisory_board: watching,
  local_committee: watching,
  union_audit_committee: watching,
  administrator: [
    'network.see',
    'editions.see',
    'own.account',
    'own.identity',
    'units.see',
    'members.forget',
    'staff.see',
    'staff.appoint',
    'watchers.appoint',
    'hands.lend',
    'limits.see',
    'stops.order',
    'units.register',
    'members.see',
    'rosters.see',
  ],
} as const

export type Role = keyof typeof permits
export type Permit = (typeof permits)[Role][number]
export const roles = Object.keys(permits) as Role[]

/** What a permit lets one touch: things of one's own, of a unit in reach, of an agency in reach, or of the whole office. */
export type Touches = 'own' | 'unit' | 'agency' | 'office' | 'reference'

interface About {
  readonly zh: string
  readonly touches: Touches
  /** asks for the second step of the sign-in: release, decision, administration, exports beyond one's own unit */
  readonly secondStep?: true
}

export const permitsAbout: Readonly<Record<Permit, About>> = {
  'network.see': { zh: '看组织网络', touches: 'reference' },
  'editions.see': { zh: '看计划和条款', touches: 'reference' },
  'own.account': { zh: '管自己的登录：改密码、看登录记录、第二步验证', touches: 'own' },
  'own.identity': { zh: '关联、解除自己的统一身份账号（单点登录）', touches: 'own', secondStep: true },
  'own.see': { zh: '看自己的保障、申领和决定书', touches: 'own' },
  'claims.file-own': { zh: '为自己申领', touches: 'own' },
  'claims.withdraw': { zh: '撤回自己的申领', touches: 'own' },
  'units.see': { zh: '看单位', touches: 'unit' },
  'units.apply': { zh: '为单位提交入会申请', touches: 'unit' },
  'units.register': { zh: '登记单位', touches: 'agency' },
  'units.admit': { zh: '批准单位入会', touches: 'unit' },
  'rosters.hand-in': { zh: '交名单、截止名单、下载上期名单', touches: 'unit' },
  'rosters.see': { zh: '看名单和保障', touches: 'unit' },
  'rosters.confirm-heads': { zh: '确认填报人数', touches: 'unit' },
  'notices.see': { zh: '看缴费通知单', touches: 'unit' },
  'members.see': { zh: '看会员名册（姓名脱敏）', touches: 'unit' },
  'members.issue-code': { zh: '核对证件后为会员发登录码', touches: 'unit' },
  'claims.file-for-member': { zh: '受会员委托代办申领', touches: 'unit' },
  'claims.stage': { zh: '看申领的编号和进度（不含病情、材料和金额）', touches: 'unit' },
  'claims.confirm-employment': {
    zh: '核实自己申领的会员是不是本单位的人、是否在职（不含病情、材料和金额）',
    touches: 'unit',
  },
  'claims.see': { zh: '看申领的材料、计算步骤和决定书', touches: 'unit' },
  'claims.review': { zh: '审核申领', touches: 'unit' },
  'claims.decide-at-agency': { zh: '决定交由代办处决定的项目', touches: 'unit', secondStep: true },
  'claims.decide': { zh: '决定申领', touches: 'unit', secondStep: true },
  'lists.see': { zh: '看公示名单', touches: 'unit' },
  'lists.publish': { zh: '生成公示名单', touches: 'office' },
  'contributions.see': { zh: '看到账和缴费通知单', touches: 'office' },
  'contributions.book': { zh: '读入对账单、分配到账', touches: 'office' },
  'payments.see': { zh: '看应付款和批次（脱敏）', touches: 'office' },
  'payments.make': { zh: '制单、更正账户', touches: 'office' },
  'payments.release': { zh: '放行、下载银行文件', touches: 'office', secondStep: true },
  'payments.answer': { zh: '读入银行回单', touches: 'office' },
  'books.see': { zh: '看账', touches: 'office' },
  'staff.see': { zh: '看工作人员和任职', touches: 'office' },
  'staff.appoint': { zh: '添加工作人员、任职、停任、重设密码', touches: 'office', secondStep: true },
  'watchers.appoint': { zh: '任命监事会、管委会、经审会人员（只有总会）', touches: 'reference', secondStep: true },
  'hands.lend': { zh: '向人手不够的办事处借调人员（只有总会）', touches: 'reference', secondStep: true },
  'limits.see': { zh: '看决定权限的限额', touches: 'office' },
  'stops.order': { zh: '紧急停止和恢复（两个人）', touches: 'office', secondStep: true },
  'members.reveal': { zh: '写明用途后看完整的证件号码、姓名、账号', touches: 'unit' },
  'members.forget': { zh: '销毁会员的密钥', touches: 'office', secondStep: true },
}

export type PlaceKind = 'unit' | 'agency' | 'point' | 'office'

/** What a role is called, where it is held, and who may give it. */
export const rolesAbout: Readonly<
  Record<
    Role,
    {
      readonly zh: string
      readonly heldAt: readonly PlaceKind[]
      readonly givenBy: 'nobody' | 'own office' | 'head office'
    }
  >
> = {
  member: { zh: roleWords.member, heldAt: [], givenBy: 'nobody' },
  unit_officer: { zh: roleWords.unit_officer, heldAt: ['unit'], givenBy: 'own office' },
  agency_clerk: { zh: roleWords.agency_clerk, heldAt: ['agency', 'point'], givenBy: 'own office' },
  office_reviewer: { zh: roleWords.office_reviewer, heldAt: ['office'], givenBy: 'own office' },
  office_decider: { zh: roleWords.office_decider, heldAt: ['office'], givenBy: 'own office' },
  office_finance: { zh: roleWords.office_finance, heldAt: ['office'], givenBy: 'own office' },
  office_releaser: { zh: roleWords.office_releaser, heldAt: ['office'], givenBy: 'own office' },
  supervisory_board: { zh: roleWords.supervisory_board, heldAt: ['office'], givenBy: 'head office' },
  local_committee: { zh: roleWords.local_committee, heldAt: ['office'], givenBy: 'head office' },
  union_audit_committee: { zh: roleWords.union_audit_committee, heldAt: ['office'], givenBy: 'head office' },
  administrator: { zh: roleWords.administrator, heldAt: ['office'], givenBy: 'own office' },
}

/** Those who watch an office: read-only, appointed from above, and every record they open is an act. */
export const isWatcher = (role: string): boolean =>
  role in rolesAbout && rolesAbout[role as Role].givenBy === 'head office'

/** Whether a role has a right at all; whose data it may touch is asked where the data is loaded. */
export const mayDo = (role: string, permit: Permit): boolean =>
  role in permits && (permits[role as Role] as readonly string[]).includes(permit)
