import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { day } from '#kernel/days.ts'
import { enrol, openWorld, peopleFrom, type World } from '../../journeys/world.ts'
import { doctor, questions, sealedQuestions } from './doctor.ts'

// Each question of the doctor finds the defect that is planted for it, and nothing before.

let world: World
beforeAll(async () => {
  world = await openWorld(day('2026-03-02'))
  await enrol(world, 'east', 'unit1', 'demo-critical', peopleFrom(100, 12), { shares: 1 })
  const { owner } = world.base
  // A decided, published and paid item, written by hand in the shape the application leaves.
  await owner.query(`
    insert into claims.event (office_id, id, number, person_id, kind, facts, filed_by_kind, filed_by, name_in_notice, payee_kind, payee_name_sealed, account_sealed, bank_branch, filed_on, filed_at)
    select 2, 900001, 'SL', person_id, 'diagnosis', '{}', 'member', person_id, true, 'member', '', '', 'x', '2026-03-10', now() from enrolment.cover order by id limit 1`)
  await owner.query(`
    insert into claims.item (office_id, id, event_office_id, event_id, event_number, person_id, unit_id, cover_id, edition_id, plan, part, key_on, facts, filed_by_kind, filed_by, name_in_notice, payee_kind, payee_name_sealed, account_sealed, bank_branch, levels, proposed_fen, proposal, opened_on)
    select 2, 900002, 2, 900001, 'SL', person_id, unit_id, id, edition_id, plan, 'critical', '2026-03-10', '{}', 'member', person_id, true, 'member', '', '', 'x', 2, 100, '{}', '2026-03-10' from enrolment.cover order by id limit 1`)
})
afterAll(() => world.close())

const ask = async () =>
  (await doctor(world.base.owner, world.today, world.base.services.vault))
    .filter((answer) => answer.rows > 0)
    .map((answer) => answer.name)

/** Defects planted outside the ledger (the ledger's own are planted in its test), each with the way back. */
const planted: readonly { name: string; plant: string; undo: string }[] = [
  {
    name: 'nobody-covered-twice',
    plant: `insert into membership.person_cover select person_id, plan, from_on + 5, until_on, office_id, 777, edition_id, unit_id, shares from membership.person_cover order by cover_id limit 1`,
    undo: `delete from membership.person_cover where cover_id = 777`,
  },
  {
    name: 'covers-known-everywhere',
    plant: `update membership.person_cover set shares = 9 where cover_id = (select min(cover_id) from membership.person_cover)`,
    undo: `update membership.person_cover set shares = 1 where shares = 9`,
  },
  {
    name: 'belongings-known',
    plant: `insert into membership.belonging values (2, 1, 1, '2026-01-01')`,
    undo: `delete from membership.belonging where person_id = 1`,
  },
  {
    name: 'members-known',
    plant: `insert into membership.member select office_id, 1, name_sealed, paper_kind, paper_sealed, sex, born_on, joined_on from membership.member order by person_id limit 1`,
    undo: `delete from membership.member where person_id = 1`,
  },
  {
    name: 'roster-rows-known',
    plant: `insert into enrolment.roster_row select office_id, 1, paper_hash, hand_in_id, row_number, paper_kind, paper_sealed, name_sealed, sex, born_on, staff_number, shares, option from enrolment.roster_row order by row_number limit 1`,
    undo: `delete from enrolment.roster_row where roster_id = 1`,
  },
  {
    name: 'covers-have-members',
    plant: `insert into enrolment.cover select office_id, 888, certificate, 1, unit_id, edition_id, plan, roster_id, from_on, until_on, shares, option, fee_fen, continuous from enrolment.cover order by id limit 1`,
    undo: `delete from enrolment.cover where id = 888`,
  },
  {
    name: 'covers-were-paid-for',
    plant: `update contributions.payment_notice set due_fen = due_fen + 1`,
    undo: `update contributions.payment_notice set due_fen = due_fen - 1`,
  },
  {
    name: 'rosters-complete',
    plant: `update enrolment.activation set persons = persons + 1`,
    undo: `update enrolment.activation set persons = persons - 1`,
  },
  {
    name: 'answers-are-of-the-unit-asked',
    plant: `insert into claims.employment_answer (office_id, event_office_id, event_id, unit_id, sequence, item_id, filed_by_kind, filed_by, ours, employment, confirmed_by, confirmed_on, confirmed_at)
      select i.office_id, i.event_office_id, i.event_id, u.id, 1, i.id, 'member', i.filed_by, true, 'employed', s.id, '2026-03-10', now() from claims.item i
        join network.unit u on u.office_id = i.office_id and u.id <> i.unit_id join network.staff s on s.office_id = i.office_id order by s.id limit 1`,
    undo: `delete from claims.employment_answer`,
  },
  {
    name: 'receipts-not-overdrawn',
    plant: `update contributions.receipt set amount_fen = amount_fen - 1`,
    undo: `update contributions.receipt set amount_fen = amount_fen + 1`,
  },
  {
    name: 'freed-money-is-of-those-left-out',
    plant: `update enrolment.cover set fee_fen = fee_fen - 1 where id = (select min(id) from enrolment.cover)`,
    undo: `update enrolment.cover set fee_fen = fee_fen + 1 where id = (select min(id) from enrolment.cover)`,
  },
  {
    name: 'unallocated-money-ties-to-books',
    plant: `insert into contributions.freed select office_id, receipt_id, notice_id, 1, '2026-03-02', id from contributions.allocation`,
    undo: `delete from contributions.freed`,
  },
  {
    name: 'counters-tie-to-decisions',
    plant: `insert into membership.person_benefit select person_id, id, office_id, cover_id, plan, edition_id, part, 2, 900001, key_on, key_on, 100, '{}', null, false from claims.item where id = 900002`,
    undo: `delete from membership.person_benefit`,
  },
  {
    name: 'decisions-have-letters-and-dues',
    plant: `with e as (insert into claims.item_end values (2, 900002, 'decided', '2026-03-11')) select 1`,
    undo: `delete from claims.decision; delete from claims.item_end`,
  },
  {
    name: 'dues-tie-to-decisions',
    plant: `insert into payments.due select 2, 900003, 900002, person_id, unit_id, plan, 'critical', 100, 'member', '', '', 'x', 'after', true, '2026-03-11' from claims.item where id = 900002`,
    undo: `delete from payments.due`,
  },
  {
    name: 'batches-add-up',
    plant: `insert into payments.batch values (2, 900004, 'ZF', 'x', 1, 100, 1, '2026-03-11')`,
    undo: `delete from payments.batch`,
  },
  {
    name: 'lists-add-up',
    plant: `insert into disclosure.list select 2, 900005, 'GS', id, false, null, '2026-03-11', '2026-03-20', 1, 100, 1 from network.unit where office_id = 2 order by id limit 1`,
    undo: `delete from disclosure.list`,
  },
]
/** A paid attempt of the item, without entries in the books or a notice. */
const pay = [
  planted.find((each) => each.name === 'dues-tie-to-decisions')?.plant ?? '',
  `insert into payments.batch values (2, 900004, 'ZF', 'x', 1, 100, 1, '2026-03-11')`,
  `insert into payments.attempt values (2, 900003, 1, 900004, 1, 'r1', 100, null, null)`,
  `insert into payments.release values (2, 900004, 1, 2, '2026-03-11')`,
  `insert into payments.answer values (2, 900006, 900004, '\\x00', 1, 0, 2, '2026-01-11')`,
  `insert into payments.outcome values (2, 900003, 1, 'paid', null, 900006, '2026-01-11')`,
]
const unpay = ['outcome', 'answer', 'release', 'attempt', 'batch', 'due'].map(
  (table) => `delete from payments.${table}`,
)
const decideWith = (reviewer: number) => [
  `insert into claims.item_end values (2, 900002, 'decided', '2026-03-11')`,
  `insert into claims.decision select 2, 900002, 'decided', filed_by_kind, filed_by, 'critical', 'granted', 100, '{}', '[]', null, 'x', 'x', ${reviewer}, '2026-03-11' from claims.item where id = 900002`,
]
const own = 'own-and-kins-claims-by-others'
const undecide = ['delete from claims.review', 'delete from claims.decision', 'delete from claims.item_end']
const run = async (statements: readonly string[]) => {
  for (const statement of statements) await world.base.owner.query(statement)
}

describe('the doctor', () => {
  let back: readonly string[] = []
  afterEach(() => run(back))

  test('finds nothing in data that are whole', async () => {
    back = []
    expect(await ask()).toEqual([])
  })

  test.each(planted.filter((each) => each.name !== 'decisions-have-letters-and-dues'))(
    '$name',
    async ({ name, plant, undo }) => {
      back = undo.split('; ')
      await run([plant])
      expect(await ask()).toContain(name)
    },
  )

  test('decisions-have-letters-and-dues', async () => {
    back = undecide
    await run(decideWith(5))
    expect(await ask()).toEqual(
      expect.arrayContaining(['decisions-have-letters-and-dues', 'counters-tie-to-decisions']),
    )
  })

  test('levels-by-different-hands', async () => {
    back = undecide
    await run([
      `insert into claims.review select 2, 900002, 1, filed_by_kind, filed_by, 5, 'pass', null, null, null, '2026-03-11' from claims.item where id = 900002`,
      ...decideWith(5),
    ])
    expect(await ask()).toContain('levels-by-different-hands')
  })

  describe('own-and-kins-claims-by-others', () => {
    let staff = 0
    let person = 0
    const seal = (whom: number) =>
      `'\\x${world.base.services.vault.seal('staff.person', String(whom)).toString('hex')}'`
    const linked = (id: number, from: string, whom = person) =>
      `insert into network.staff_person values (2, ${staff}, ${id}, '${from}', ${seal(whom)}, 'x', 1)`
    const kin = (from: string, until: string | null) =>
      `insert into network.staff_kin values (2, 900010, ${staff}, 'sibling', '${from}', ${until ? `'${until}'` : 'null'}, ${seal(person)}, 'x', 1)`
    const review = (by: number) =>
      `insert into claims.review select 2, 900002, 1, filed_by_kind, filed_by, ${by}, 'pass', null, null, null, '2026-03-11' from claims.item where id = 900002`
    beforeAll(async () => {
      const { rows } = await world.base.owner.query<{ staff: number; person: number }>(
        `select (select min(id) from network.staff where office_id = 2) as staff, person_id as person from claims.item where id = 900002`,
      )
      staff = rows[0]?.staff ?? 0
      person = rows[0]?.person ?? 0
    })
    const undo = [...undecide, 'delete from network.staff_person', 'delete from network.staff_kin']

    // The day of the decision and of the review is 2026-03-11; spans are half-open.
    test.each<[string, () => string[], boolean]>([
      ['her own, from that day on', () => [linked(1, '2026-03-11'), ...decideWith(staff)], true],
      ['her own, from the next day on', () => [linked(1, '2026-03-12'), ...decideWith(staff)], false],
      ['a review of her own', () => [linked(1, '2026-03-01'), review(staff), ...decideWith(5)], true],
      ['another’s link', () => [linked(1, '2026-03-01'), review(5), ...decideWith(6)], false],
      ['another member', () => [linked(1, '2026-03-01', person + 1), ...decideWith(staff)], false],
      [
        'she was said to be another from that day on',
        () => [linked(1, '2026-03-01'), linked(2, '2026-03-11', person + 1), ...decideWith(staff)],
        false,
      ],
      [
        'she was said to be another from the next day on',
        () => [linked(1, '2026-03-01'), linked(2, '2026-03-12', person + 1), ...decideWith(staff)],
        true,
      ],
      ['her kin’s', () => [kin('2026-03-01', null), ...decideWith(staff)], true],
      ['kin until that day', () => [kin('2026-03-01', '2026-03-11'), ...decideWith(staff)], false],
      ['kin until the next day', () => [kin('2026-03-01', '2026-03-12'), ...decideWith(staff)], true],
    ])('%s', async (_, plant, isFound) => {
      back = undo
      await run(plant())
      expect((await ask()).includes(own)).toBe(isFound)
    })

    test('it tells the item and the hand, and of nobody who she is', async () => {
      back = undo
      await run([linked(1, '2026-03-01'), ...decideWith(staff)])
      const found = (await doctor(world.base.owner, world.today, world.base.services.vault)).find(
        ({ name }) => name === own,
      )
      expect(found?.sample).toEqual([
        { office_id: 2, item_id: 900002, what: 'decision', whose: 'own', staff_id: staff },
      ])
    })

    test('without the key ring it says that it was not asked; a link that does not open is a defect', async () => {
      back = undo
      await run([linked(1, '2026-03-01'), ...decideWith(staff)])
      const without = (await doctor(world.base.owner, world.today)).find(({ name }) => name === own)
      expect(without).toMatchObject({ rows: 0, notAsked: true })
      await run([
        `update network.staff_person set person_sealed = set_byte(person_sealed, 20, get_byte(person_sealed, 20) # 1)`,
      ])
      expect(await ask()).toContain(own)
    })
  })

  test('payouts-have-entries, answers-tie-to-books, notices-complete', async () => {
    back = unpay
    await run(pay)
    expect(await ask()).toEqual(
      expect.arrayContaining(['payouts-have-entries', 'answers-tie-to-books', 'notices-complete']),
    )
  })

  test('nothing can be paid twice even by hand: the key of the failure stands in the way', async () => {
    back = unpay
    await run(pay)
    await expect(
      world.base.owner.query(`insert into payments.attempt values (2, 900003, 2, 900004, 2, 'r2', 100, 1, 'failed')`),
    ).rejects.toThrow('foreign key')
  })

  test('every question is asked somewhere in these tests or the ledger’s', () => {
    const named = new Set([
      ...planted.map((each) => each.name),
      'levels-by-different-hands',
      'payouts-have-entries',
      'answers-tie-to-books',
      'notices-complete',
      'nothing-paid-twice',
      own,
    ])
    const ledgers = [
      'books-balance',
      'balances-are-sums-of-entries',
      'journals-have-lines',
      'reversals-are-opposites',
      'moves-between-funds-net-to-zero',
      'principal-owed-matches-liability',
      'principal-repaid-once',
      'one-account-for-each-event',
    ]
    expect(
      [...questions, ...sealedQuestions]
        .map((question) => question.name)
        .filter((name) => !named.has(name) && !ledgers.includes(name)),
    ).toEqual([])
  })
})
