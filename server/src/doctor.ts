import type pg from 'pg'
import type { CivilDate } from '#kernel/days.ts'
import { disclosureQuestions } from '#modules/disclosure/index.ts'
import { ledgerQuestions } from '#modules/ledger/index.ts'
import { paymentQuestions } from '#modules/payments/index.ts'
import { askOwnClaims, type Opens } from './own-claims-asked.ts'

export interface Question {
  readonly name: string
  readonly zh: string
  readonly sql: string
}

const enrolmentQuestions: readonly Question[] = [
  {
    name: 'nobody-covered-twice',
    zh: '没有人被同一个计划重复保障',
    sql: `select a.office_id, a.cover_id from membership.person_cover a join membership.person_cover b
            on b.person_id = a.person_id and b.plan = a.plan and b.cover_id > a.cover_id and a.from_on < b.until_on and b.from_on < a.until_on`,
  },
  {
    name: 'covers-known-everywhere',
    zh: '办事处的每份保障都在全国台账里，内容一致',
    sql: `select c.office_id, c.id from enrolment.cover c left join membership.person_cover p on p.cover_id = c.id
           where (p.person_id, p.plan, p.from_on, p.until_on, p.shares) is distinct from (c.person_id, c.plan, c.from_on, c.until_on, c.shares)`,
  },
  {
    name: 'belongings-known',
    zh: '所属单位的记录都有会员、有单位',
    sql: `select b.office_id, b.person_id from membership.belonging b
            left join membership.member m on m.office_id = b.office_id and m.person_id = b.person_id
            left join network.unit u on u.office_id = b.office_id and u.id = b.unit_id
           where m.person_id is null or u.id is null`,
  },
  {
    name: 'members-known',
    zh: '每位会员都有全国唯一的个人记录',
    sql: `select m.office_id, m.person_id from membership.member m left join membership.person p on p.id = m.person_id where p.id is null`,
  },
  {
    name: 'roster-rows-known',
    zh: '名单的每一行都有名单、有交来的文件',
    sql: `select w.office_id, w.roster_id from enrolment.roster_row w
            left join enrolment.hand_in h on h.office_id = w.office_id and h.roster_id = w.roster_id and h.id = w.hand_in_id
           where h.id is null`,
  },
  {
    name: 'covers-have-members',
    zh: '每份保障都有会员、有生效的名单',
    sql: `select c.office_id, c.id from enrolment.cover c
            left join membership.member m on m.office_id = c.office_id and m.person_id = c.person_id
            left join enrolment.activation a on a.office_id = c.office_id and a.roster_id = c.roster_id
           where m.person_id is null or a.roster_id is null`,
  },
  {
    name: 'covers-were-paid-for',
    zh: '每份生效的名单都缴清了互助费',
    sql: `select a.office_id, a.roster_id from enrolment.activation a join contributions.payment_notice n on n.office_id = a.office_id and n.roster_id = a.roster_id
           where n.due_fen <> (select coalesce(sum(l.amount_fen), 0) from contributions.allocation l where l.office_id = n.office_id and l.notice_id = n.id)`,
  },
  {
    name: 'rosters-complete',
    zh: '每份生效的名单：人数等于保障数加未保障数',
    sql: `select a.office_id, a.roster_id from enrolment.activation a
            left join (select office_id, roster_id, count(*) as persons from enrolment.cover group by office_id, roster_id) c
              on c.office_id = a.office_id and c.roster_id = a.roster_id
           where a.persons <> a.refused + coalesce(c.persons, 0)`,
  },
]

const contributionQuestions: readonly Question[] = [
  {
    name: 'freed-money-is-of-those-left-out',
    zh: '名单生效时没有保障的人，他们的互助费都退回未分配',
    sql: `select a.office_id, a.roster_id from enrolment.activation a
            join contributions.payment_notice n on n.office_id = a.office_id and n.roster_id = a.roster_id
           where n.due_fen <> (select coalesce(sum(c.fee_fen), 0) from enrolment.cover c where c.office_id = a.office_id and c.roster_id = a.roster_id)
                            + (select coalesce(sum(f.amount_fen), 0) from contributions.freed f where f.office_id = n.office_id and f.notice_id = n.id)`,
  },
  {
    name: 'unallocated-money-ties-to-books',
    zh: '未分配的到账（含还没有生效的）与账上“待分配”一致',
    sql: `select office_id, sum(fen) as differs_by from (
             select office_id, amount_fen as fen from contributions.receipt
             union all
             select n.office_id, -l.amount_fen from contributions.allocation l
               join contributions.payment_notice n on n.office_id = l.office_id and n.id = l.notice_id
               join enrolment.activation a on a.office_id = n.office_id and a.roster_id = n.roster_id
             union all select office_id, amount_fen from contributions.freed
             union all
             select e.office_id, e.amount_fen from ledger.entry e join ledger.account a on a.code = e.account and a.statement_line = 'unallocated'
           ) as both_sides group by office_id having sum(fen) <> 0`,
  },
  {
    name: 'receipts-not-overdrawn',
    zh: '没有一笔到账分配得比到的钱还多',
    sql: `select r.office_id, r.id from contributions.receipt r
           where r.amount_fen < (select coalesce(sum(a.amount_fen), 0) from contributions.allocation a where a.office_id = r.office_id and a.receipt_id = r.id)
                         - (select coalesce(sum(f.amount_fen), 0) from contributions.freed f where f.office_id = r.office_id and f.receipt_id = r.id)`,
  },
]

const claimQuestions: readonly Question[] = [
  {
    name: 'counters-tie-to-decisions',
    zh: '个人台账里的给付与决定一致，限额没有多算少算',
    sql: `select d.office_id, d.item_id from claims.decision d left join membership.person_benefit b on b.item_id = d.item_id
           where d.benefit_fen > 0 and b.benefit_fen is distinct from d.benefit_fen
          union all
          select b.office_id, b.item_id from membership.person_benefit b left join claims.decision d on d.office_id = b.office_id and d.item_id = b.item_id
           where d.item_id is null`,
  },
  {
    name: 'decisions-have-letters-and-dues',
    zh: '每个决定都有决定书，给付的都有应付款',
    sql: `select d.office_id, d.item_id from claims.decision d
            left join claims.letter l on l.office_id = d.office_id and l.item_id = d.item_id
            left join payments.due p on p.office_id = d.office_id and p.item_id = d.item_id
           where l.item_id is null or (d.benefit_fen > 0) <> (p.id is not null)`,
  },
  {
    name: 'answers-are-of-the-unit-asked',
    zh: '单位的每次答复，都是对本单位一份保障的申领项目作出的',
    sql: `select a.office_id, a.item_id from claims.employment_answer a join claims.item i on i.office_id = a.office_id and i.id = a.item_id
           where (i.event_office_id, i.event_id, i.unit_id) <> (a.event_office_id, a.event_id, a.unit_id)`,
  },
  {
    name: 'levels-by-different-hands',
    zh: '各级审核和决定由不同的人做',
    sql: `select r.office_id, r.item_id from claims.review r join claims.decision d on d.office_id = r.office_id and d.item_id = r.item_id where r.reviewed_by = d.decided_by
          union all
          select office_id, item_id from claims.review group by office_id, item_id, reviewed_by having count(*) > 1`,
  },
]

/** A question about what is sealed; it is asked with the key ring only. */
interface SealedQuestion {
  readonly name: string
  readonly zh: string
  readonly ask: (client: pg.ClientBase, vault: Opens) => Promise<Record<string, unknown>[]>
}
export const sealedQuestions: readonly SealedQuestion[] = [
  {
    name: 'own-and-kins-claims-by-others',
    zh: '没有人审核或决定过本人或近亲属的申领',
    ask: askOwnClaims,
  },
]

/** Every question the live data are asked; an answer with rows is a defect. */
export const questions: readonly Question[] = [
  ...ledgerQuestions,
  ...enrolmentQuestions,
  ...contributionQuestions,
  ...claimQuestions,
  ...paymentQuestions,
  ...disclosureQuestions,
]

export interface Answer {
  readonly name: string
  readonly zh: string
  readonly rows: number
  readonly sample: readonly Record<string, unknown>[]
  /** the key ring is not here: what is sealed was not looked into */
  readonly notAsked?: true
}

const answer = (name: string, zh: string, rows: readonly Record<string, unknown>[]): Answer => ({
  name,
  zh,
  rows: rows.length,
  sample: rows.slice(0, 5),
})

/** Asks the live data, as the owner over all offices, in one snapshot; with the vault, what is sealed too. */
export const doctor = async (owner: pg.Pool, today: CivilDate, vault?: Opens): Promise<Answer[]> => {
  const client = await owner.connect()
  try {
    await client.query('begin isolation level repeatable read read only')
    await client.query(`set local app.today = '${today}'`)
    const answers: Answer[] = []
    for (const { name, zh, sql } of questions) {
      const { rows } = await client.query<Record<string, unknown>>(sql)
      answers.push(answer(name, zh, rows))
    }
    for (const { name, zh, ask } of sealedQuestions)
      answers.push(vault ? answer(name, zh, await ask(client, vault)) : { ...answer(name, zh, []), notAsked: true })
    await client.query('commit')
    return answers
  } finally {
    client.release()
  }
}
