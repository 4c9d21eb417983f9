import type { RawBuilder } from 'kysely'
import { isDuplicate, sql, type Tx } from '#platform/database/index.ts'

/** Enrolments of one plan stand in line, so that two units, or two offices, cannot both cover a person. */
export const lockPlan = async (tx: Tx, plan: string): Promise<void> => {
  await sql`insert into membership.plan_gate (plan) values (${plan}) on conflict do nothing`.execute(tx.q)
  await sql`select from membership.plan_gate where plan = ${plan} for no key update`.execute(tx.q)
}

/**
 * People of a roster become members, in sets and in one pass: one record for life, a row in this office, and the unit they
 * belong to. It is a part of the caller's statement, which finds the people as `enrolling`: every column of `rows`, the
 * person_id, and whether she was `known` before. `rows` gives paper_hash, name_sealed, paper_kind, paper_sealed, sex and
 * born_on, at most `count` of them. Run it through `withPersons`.
 */
export const enrolling = async (
  tx: Tx,
  rows: RawBuilder<unknown>,
  { unitId, on, count }: { unitId: number; on: string; count: number },
): Promise<RawBuilder<unknown>> => {
  const first = await tx.ids.take(count)
  // In the order of the hashes the large indexes are walked once from left to right, and two rosters that name the same
  // new people wait for each other instead of crossing.
  return sql`
    enrolling as materialized (
      select r.*, p.id is not null as known,
             coalesce(p.id, ${first}::bigint + row_number() over (order by r.paper_hash) - 1) as person_id
        from (${rows}) as r left join membership.person p on p.paper_hash = r.paper_hash
       order by r.paper_hash),
    new_person as (
      insert into membership.person (id, paper_hash, member_number)
      select person_id, paper_hash, 'M' || lpad(person_id::text, greatest(10, length(person_id::text)), '0')
        from enrolling where not known),
    new_member as (
      insert into membership.member (office_id, person_id, name_sealed, paper_kind, paper_sealed, sex, born_on, joined_on)
      select ${tx.office}, person_id, name_sealed, paper_kind, paper_sealed, sex, born_on, ${on}::date
        from enrolling e
       where not known or not exists (select from membership.member m where m.office_id = ${tx.office} and m.person_id = e.person_id)),
    new_belonging as (
      insert into membership.belonging (office_id, person_id, unit_id, from_on)
      select ${tx.office}, person_id, ${unitId}, ${on}::date
        from enrolling e
       where not known or not exists (select from membership.belonging b where b.office_id = ${tx.office} and b.person_id = e.person_id and b.unit_id = ${unitId}))`
}

/** Covers become known everywhere: `rows` gives person_id, plan, from_on, until_on, cover_id, edition_id, unit_id, shares. */
export const addingPersonCovers = (tx: Tx, rows: RawBuilder<unknown>): RawBuilder<unknown> => sql`
    new_person_cover as (
      insert into membership.person_cover (person_id, plan, from_on, until_on, office_id, cover_id, edition_id, unit_id, shares)
      select person_id, plan, from_on, until_on, ${tx.office}, cover_id, edition_id, unit_id, shares from (${rows}) as r)`

const metOnOnePerson = (error: unknown): boolean =>
  ['person_paper_hash_key', 'member_pkey', 'belonging_pkey'].some((key) => isDuplicate(error, key))

/**
 * Runs a statement that enrols people. Where another enrolment made one of them a member in the same moment, the unique
 * key objects, and the statement is run again: now she is known.
 */
export const withPersons = async <T>(tx: Tx, statement: () => Promise<T>): Promise<T> => {
  for (let attempt = 1; ; attempt += 1) {
    await sql`savepoint persons`.execute(tx.q)
    try {
      const answer = await statement()
      await sql`release savepoint persons`.execute(tx.q)
      return answer
    } catch (error) {
      if (!metOnOnePerson(error) || attempt === 5) throw error
      await sql`rollback to savepoint persons`.execute(tx.q)
    }
  }
}
