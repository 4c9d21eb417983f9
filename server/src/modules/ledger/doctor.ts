/** A question asked of the live data as its owner, over all offices. Every row that comes back is a defect. */
export interface DoctorQuestion {
  readonly name: string
  readonly zh: string
  readonly sql: string
}

export const ledgerQuestions: readonly DoctorQuestion[] = [
  {
    name: 'books-balance',
    zh: '每张凭证在每个基金内借贷相等',
    sql: `select office_id, journal_id, fund from ledger.entry
      group by office_id, journal_id, fund having sum(amount_fen) <> 0`,
  },
  {
    name: 'balances-are-sums-of-entries',
    zh: '科目余额等于分录合计',
    sql: `select office_id, account, fund, period
      from (
        select e.office_id, e.account, e.fund, to_char(j.on_day, 'YYYY-MM') as period,
          sum(greatest(e.amount_fen, 0)) as debit, sum(greatest(-e.amount_fen, 0)) as credit
        from ledger.entry e join ledger.journal j on j.office_id = e.office_id and j.id = e.journal_id
        group by 1, 2, 3, 4) s
      full join (select office_id, account, fund, period, debit_fen, credit_fen from ledger.balance) b
        using (office_id, account, fund, period)
      where s.debit is distinct from b.debit_fen or s.credit is distinct from b.credit_fen`,
  },
  {
    name: 'journals-have-lines',
    zh: '每张凭证至少有两条分录',
    sql: `select j.office_id, j.id as journal_id from ledger.journal j
      left join ledger.entry e on e.office_id = j.office_id and e.journal_id = j.id
      group by j.office_id, j.id having count(e.line) < 2`,
  },
  {
    name: 'reversals-are-opposites',
    zh: '每张冲销凭证与原凭证逐条相反',
    sql: `select r.office_id, r.id as journal_id from ledger.journal r
      where r.reverses is not null and exists (
        select from (select * from ledger.entry where office_id = r.office_id and journal_id = r.id) mine
        full join (select * from ledger.entry where office_id = r.office_id and journal_id = r.reverses) theirs
          on theirs.line = mine.line
        where mine.account is distinct from theirs.account or mine.fund is distinct from theirs.fund
          or mine.amount_fen is distinct from -theirs.amount_fen)`,
  },
  {
    name: 'moves-between-funds-net-to-zero',
    zh: '基金间划转合计为零',
    sql: `select e.office_id, e.journal_id from ledger.entry e
      where e.account in (select code from ledger.account where between_funds)
      group by e.office_id, e.journal_id having sum(e.amount_fen) <> 0`,
  },
  {
    name: 'principal-owed-matches-liability',
    zh: '应返还本金明细与总账一致',
    sql: `select office_id, journal_id
      from (
        select office_id, journal_id, -amount_fen as owed from ledger.entry
          where account in (select code from ledger.account where statement_line = 'principal')
        union all select office_id, journal_id, -amount_fen from ledger.principal_owed) both_sides
      group by office_id, journal_id having sum(owed) <> 0`,
  },
  {
    name: 'principal-repaid-once',
    zh: '应返还本金没有返还超过所欠',
    sql: `select office_id, cover_id, due_on from ledger.principal_owed
      group by office_id, cover_id, due_on having sum(amount_fen) < 0`,
  },
  {
    name: 'one-account-for-each-event',
    zh: '每个事项每天只对应一个科目',
    sql: `select m.event, m.role, m.from_on from ledger.mapping m
      join ledger.mapping n on n.event = m.event and n.role = m.role and n.from_on > m.from_on
        and (m.until_on is null or n.from_on < m.until_on)`,
  },
]
