import type pg from 'pg'
import type { Vault } from '#platform/vault/index.ts'

/** All that the doctor may do with the key ring: look into what is sealed. */
export type Opens = Pick<Vault, 'open'>

interface Link {
  readonly office: number
  readonly staff: number
  readonly whose: 'own' | 'kin'
  readonly from: string
  readonly until: string | null
  readonly sealed: Buffer
}
/** Which member a worker is counts until another is said; kin until that is ended. */
const links = `
  select office_id as office, staff_id as staff, 'own' as whose, from_on as "from",
         lead(from_on) over (partition by office_id, staff_id order by id) as until, person_sealed as sealed
    from network.staff_person
  union all
  select office_id, staff_id, 'kin', from_on, until_on, person_sealed from network.staff_kin`

const acted = `
  with link as (
    select * from unnest($1::bigint[], $2::bigint[], $3::text[], $4::date[], $5::date[], $6::bigint[])
      as l (office_id, staff_id, whose, from_on, until_on, person_id)),
  hand as (
    select office_id, item_id, 'review' as what, reviewed_by as by, reviewed_on as on_day from claims.review
    union all
    select office_id, item_id, 'decision', decided_by, decided_on from claims.decision)
  select h.office_id, h.item_id, h.what, l.whose, l.staff_id
    from link l
    join claims.item i on i.office_id = l.office_id and i.person_id = l.person_id
    join hand h on h.office_id = i.office_id and h.item_id = i.id and h.by = l.staff_id
   where l.from_on <= h.on_day and (l.until_on is null or h.on_day < l.until_on)
   order by 1, 2`

const personIn = (vault: Opens, sealed: Buffer): number | null => {
  try {
    return Number(vault.open('staff.person', sealed))
  } catch {
    return null // of another key ring, or changed: told as a defect of its own
  }
}

/**
 * Reviews and decisions of a worker on what is her own or her kin's. Domain and database refuse them, but the database by what the
 * application tells it, for the links are sealed. So they are opened here, once, and held against what was done while they ran.
 */
export const askOwnClaims = async (client: pg.ClientBase, vault: Opens): Promise<Record<string, unknown>[]> => {
  const { rows } = await client.query<Link>(links)
  const opened = rows.map((link) => ({ ...link, person: personIn(vault, link.sealed) }))
  const known = opened.filter((link) => link.person !== null)
  const { rows: found } = await client.query<Record<string, unknown>>(acted, [
    known.map((link) => link.office),
    known.map((link) => link.staff),
    known.map((link) => link.whose),
    known.map((link) => link.from),
    known.map((link) => link.until),
    known.map((link) => link.person),
  ])
  const shut = opened.filter((link) => link.person === null)
  return [
    ...found,
    ...shut.map(({ office, staff, whose }) => ({ office_id: office, staff_id: staff, whose, shut: true })),
  ]
}
