import { ok, type Result, refuse } from '#kernel/result.ts'
import { type Context, sql, type Tx, transact } from '#platform/database/index.ts'
import { type Line, roleInWords, sentenceOf } from './told.ts'

export interface ToldAct {
  readonly line: string
  readonly on: string
  /** the moment, where more than the day is known */
  readonly at: Date | null
  readonly who: { readonly role: string | null; readonly place: string; readonly name: string | null }
  readonly what: string
  readonly claim: string | null
  readonly isNew: boolean
}

/** All that others did for or about the member who asks, in this office, newest first. */
const linesOf = async (tx: Tx, ctx: Context): Promise<Line[]> => {
  const { rows } = await sql<Line>`
    select l.line, l.what, l.on_day as "on", l.at, l.claim, l.role, coalesce(u.name, g.name, n.name, o.name) as place,
           case l.what when 'revealed' then s.name end as name, l.reason, l.detail, t.line is null as "isNew"
      from privacy.act_about_member l
      join network.office o on o.id = l.office_id
      left join network.unit u on l.place_kind = 'unit' and u.office_id = l.office_id and u.id = l.place_id
      left join network.agency g on l.place_kind = 'agency' and g.id = l.place_id
      left join network.point n on l.place_kind = 'point' and n.id = l.place_id
      left join network.staff s on s.office_id = l.office_id and s.id = l.staff_id
      left join privacy.told t on t.office_id = l.office_id and t.person_id = l.person_id and t.line = l.line
     where l.office_id = ${tx.office} and l.person_id = ${ctx.actor.id}
     order by l.on_day desc, l.at desc nulls first, length(l.line) desc, l.line desc`.execute(tx.q)
  return rows
}

const toldAct = (line: Line): ToldAct => ({
  line: line.line,
  on: line.on,
  at: line.at,
  who: { role: roleInWords(line.role), place: line.place, name: line.name },
  what: sentenceOf(line),
  claim: line.claim,
  isNew: line.isNew,
})

export interface OwnActs {
  readonly acts: readonly ToldAct[]
  readonly newActs: number
  /** what she gives back once she has read the list; null where there is nothing to read */
  readonly newest: string | null
}

/** What was done for her and what of it is new. Looking marks nothing as read: a page may fail on its way. */
export const ownActs = async (tx: Tx, ctx: Context): Promise<OwnActs> => {
  const lines = await linesOf(tx, ctx)
  const [newest] = lines
  return {
    acts: lines.map(toldAct),
    newActs: lines.filter((line) => line.isNew).length,
    newest: newest ? `${lines.length}.${newest.line}` : null,
  }
}

/**
 * She has read the list up to the newest line she saw. How many lines there were stands in it too: where another has come
 * among them meanwhile, nothing is marked and she looks again, so that no line counts as read that she has not seen.
 */
export const readActs = (ctx: Context, input: { newest: string }): Promise<Result<{ newActs: number }>> =>
  transact(ctx, 'privacy.read-acts', async (tx) => {
    const lines = await linesOf(tx, ctx)
    const [count, ...name] = input.newest.split('.')
    const seen = lines.slice(Math.max(0, lines.length - Number(count)))
    if (seen.length !== Number(count) || seen[0]?.line !== name.join('.')) return refuse({ code: 'acts_changed' })
    await sql`
      insert into privacy.told (office_id, person_id, line, told_at)
      select ${tx.office}, ${ctx.actor.id}, line, ${ctx.at}
        from unnest(${seen.filter((line) => line.isNew).map((line) => line.line)}::text[]) as line
      on conflict do nothing`.execute(tx.q)
    return ok({ newActs: lines.filter((line) => line.isNew && !seen.includes(line)).length })
  })
