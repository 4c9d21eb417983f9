/** What the API's names are called on the screen. */
export const unitKindWords: Readonly<Record<string, string>> = {
  employer: '用人单位',
  joint_union: '联合工会',
  without_code: '无代码单位',
}

export const roleWords: Readonly<Record<string, string>> = {
  member: '会员',
  unit_officer: '单位工会经办人',
  agency_clerk: '代办处经办人',
  office_reviewer: '办事处审核人',
  office_decider: '办事处决定人',
  office_finance: '办事处财务',
  office_releaser: '付款放行人',
  supervisor: '监督',
  administrator: '管理员',
}
