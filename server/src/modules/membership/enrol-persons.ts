import type { RawBuilder } from 'kysely'
import { sql, type Tx } from '#platform/database/index.ts'

/** Enrolments of one plan stand in line, so that two units, or two offices, cannot both cover a person. */
export const lockPlan = async (tx: Tx, plan: string): Promise<void> => {
  await sql`insert into membership.plan_gate (plan) values (${plan}) on conflict do nothing`.execute(tx.q)
  await sql`select from membership.plan_gate where plan = ${plan} for no key update`.execute(tx.q)
}

/**
 * People of a roster become members, in sets: one record for life, a row in this office, and the unit they belong to.
 * `rows` is a query that gives paper_hash, name_sealed, paper_kind, paper_sealed, sex, born_on and nth (1 to `count`).
 */
export const enrolPersons = async (
  tx: Tx,
  rows: RawBuilder<unknown>,
  { unitId, on, count }: { unitId: number; on: string; count: number },
): Promise<void> => {
  const first = await tx.ids.take(count)
  await sql`
    insert into membership.person (id, paper_hash, member_number)
    select ${first}::bigint + nth - 1, paper_hash, 'M' || lpad((${first}::bigint + nth - 1)::text, 10, '0')
      from (${rows}) as r where not exists (select from membership.person p where p.paper_hash = r.paper_hash)
    on conflict (paper_hash) do nothing`.execute(tx.q)
  await sql`
    insert into membership.member (office_id, person_id, name_sealed, paper_kind, paper_sealed, sex, born_on, joined_on)
    select ${tx.office}, p.id, r.name_sealed, r.paper_kind, r.paper_sealed, r.sex, r.born_on, ${on}::date
      from (${rows}) as r join membership.person p on p.paper_hash = r.paper_hash
    on conflict do nothing`.execute(tx.q)
  await sql`
    insert into membership.belonging (office_id, person_id, unit_id, from_on)
    select ${tx.office}, p.id, ${unitId}, ${on}::date
      from (${rows}) as r join membership.person p on p.paper_hash = r.paper_hash
    on conflict do nothing`.execute(tx.q)
}

/** Covers become known everywhere: `rows` gives person_id, plan, from_on, until_on, cover_id, edition_id, unit_id, shares. */
export const addPersonCovers = async (tx: Tx, rows: RawBuilder<unknown>): Promise<void> => {
  await sql`
    insert into membership.person_cover (person_id, plan, from_on, until_on, office_id, cover_id, edition_id, unit_id, shares)
    select person_id, plan, from_on, until_on, ${tx.office}, cover_id, edition_id, unit_id, shares from (${rows}) as r`.execute(
    tx.q,
  )
}
