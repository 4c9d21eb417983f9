/** What a role may do; where it may do it is its appointment's place. One table, read aloud. */
export const permits = {
  member: ['own.see', 'claims.file-own', 'claims.withdraw'],
  unit_officer: [
    'rosters.hand-in',
    'members.see',
    'rosters.see',
    'notices.see',
    'claims.file-for-member',
    'claims.stage',
    'lists.see',
    'units.apply',
  ],
  agency_clerk: [
    'units.register',
    'rosters.see',
    'rosters.confirm-heads',
    'units.admit',
    'members.issue-code',
    'members.see',
    'claims.file-for-member',
    'claims.see',
    'claims.review',
    'lists.see',
  ],
  office_reviewer: ['rosters.see', 'claims.see', 'claims.review', 'lists.see', 'members.see'],
  office_decider: [
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
    'contributions.book',
    'contributions.see',
    'payments.make',
    'payments.see',
    'books.see',
    'lists.publish',
    'lists.see',
    'rosters.see',
  ],
  office_releaser: ['payments.release', 'payments.answer', 'payments.see', 'books.see', 'contributions.see'],
  supervisor: [
    'rosters.see',
    'claims.see',
    'contributions.see',
    'payments.see',
    'books.see',
    'lists.see',
    'members.see',
  ],
  administrator: ['staff.appoint', 'units.register', 'editions.adopt', 'members.see', 'rosters.see'],
} as const

export type Role = keyof typeof permits
export type Permit = (typeof permits)[Role][number]
export const roles = Object.keys(permits) as Role[]

/** Whether a role has a right at all; whose data it may touch is asked where the data is loaded. */
export const mayDo = (role: string, permit: Permit): boolean =>
  role in permits && (permits[role as Role] as readonly string[]).includes(permit)
