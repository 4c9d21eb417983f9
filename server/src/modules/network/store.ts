import { type Context, sql, type Tx } from '#platform/database/index.ts'

export interface UnitRow {
  readonly id: number
  readonly name: string
  readonly kind: 'employer' | 'joint_union' | 'without_code'
  readonly creditCode: string | null
  readonly agencyId: number
  readonly pointId: number | null
  readonly admittedOn: string | null
}

/** The units this actor may see: an officer of a unit, agency or point sees only what hangs below it. */
export const unitsInReach = async (tx: Tx, ctx: Context, unitId?: number): Promise<UnitRow[]> => {
  const place = ctx.actor.place
  const { rows } = await sql<UnitRow>`
    select u.id, u.name, u.kind, u.credit_code as "creditCode", u.agency_id as "agencyId", u.point_id as "pointId",
           a.admitted_on as "admittedOn"
      from network.unit u
      left join membership.unit_admission a on a.office_id = u.office_id and a.unit_id = u.id
     where u.office_id = ${tx.office}
       and (${unitId ?? null}::bigint is null or u.id = ${unitId ?? null})
       and (${place?.kind ?? null}::text is null
         or (${place?.kind ?? ''} = 'unit' and u.id = ${place?.id ?? 0})
         or (${place?.kind ?? ''} = 'agency' and u.agency_id = ${place?.id ?? 0})
         or (${place?.kind ?? ''} = 'point' and u.point_id = ${place?.id ?? 0}))
     order by u.id`.execute(tx.q)
  return rows
}

export const unitInReach = async (tx: Tx, ctx: Context, unitId: number): Promise<UnitRow | undefined> =>
  (await unitsInReach(tx, ctx, unitId))[0]

export const agencyExists = async (tx: Tx, agencyId: number, pointId: number | null): Promise<boolean> => {
  const { rows } = await sql<{ found: boolean }>`
    select exists (select from network.agency a left join network.point p on p.agency_id = a.id and p.id = ${pointId}
                    where a.office_id = ${tx.office} and a.id = ${agencyId}
                      and (${pointId}::bigint is null or p.id is not null)) as found`.execute(tx.q)
  return rows[0]?.found ?? false
}

export interface Tree {
  readonly association: string
  readonly demonstration: boolean
  readonly offices: readonly { id: number; name: string; kind: string; region: string }[]
  readonly agencies: readonly { id: number; officeId: number; name: string }[]
  readonly points: readonly { id: number; officeId: number; agencyId: number; name: string }[]
}

/** The association's tree down to the point; units are each office's own. */
export const networkTree = async (tx: Tx): Promise<Tree> => {
  const { rows } = await sql<Tree>`
    select a.name as association, a.demonstration,
      (select json_agg(json_build_object('id', id, 'name', name, 'kind', kind, 'region', region) order by id) from network.office) as offices,
      coalesce((select json_agg(json_build_object('id', id, 'officeId', office_id, 'name', name) order by id) from network.agency), '[]') as agencies,
      coalesce((select json_agg(json_build_object('id', id, 'officeId', office_id, 'agencyId', agency_id, 'name', name) order by id) from network.point), '[]') as points
    from network.association a`.execute(tx.q)
  return rows[0] ?? { association: '', demonstration: false, offices: [], agencies: [], points: [] }
}

/** How many acts for or about a member she has not said she has read; from a view that privacy publishes. */
export const newActsOf = async (tx: Tx, personId: number): Promise<number> => {
  const { rows } = await sql<{ n: number }>`
    select count(*) as n from privacy.act_about_member l
     where l.office_id = ${tx.office} and l.person_id = ${personId}
       and not exists (select from privacy.told t where t.office_id = l.office_id and t.person_id = l.person_id and t.line = l.line)`.execute(
    tx.q,
  )
  return rows[0]?.n ?? 0
}

/** The words a body uses: the association's, with the office's own in their place. */
export const wordsOf = async (tx: Tx): Promise<Record<string, string>> => {
  const { rows } = await sql<{ term: string; word: string }>`
    select distinct on (term) term, word from network.word where body in (0, ${tx.office}) order by term, body desc`.execute(
    tx.q,
  )
  return Object.fromEntries(rows.map(({ term, word }) => [term, word]))
}
