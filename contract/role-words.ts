// For the command line too, which starts without the schemas.

/** What each role is called on a screen and in a document. */
export const roleWords = {
  member: '会员',
  unit_officer: '单位工会经办人',
  agency_clerk: '代办处、代办点经办',
  office_reviewer: '办事处复核',
  office_decider: '办事处决定人',
  office_finance: '办事处财务',
  office_releaser: '办事处放行人',
  supervisory_board: '监事会',
  local_committee: '管理委员会',
  union_audit_committee: '工会经审会',
  administrator: '管理员',
} as const
