import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { assert } from '#kernel/assert.ts'
import { adoptEditions, compile, fingerprintOf, forgetEditions } from '#modules/plans/index.ts'
import type { Person } from '../server/src/seed/people.ts'
import { testContext } from '../test/database.ts'
import { type Client, pdf, type Reply, rosterOf, statementOf, type World } from './world.ts'

/** The reply of a thing that has to be done for the story to go on. */
export const done = <T>(reply: Reply<T>): T => {
  assert(reply.status < 300, `refused: ${reply.status} ${JSON.stringify(reply.body)}`)
  return reply.body
}

export type Office = 'east' | 'west'
export type UnitKey = 'unit1' | 'unit2'

const signedIn = new WeakMap<World, Map<string, Promise<Client>>>()
/** Signed in once a day: a password takes as long to check as it should. */
export const as = (world: World, login: string): Promise<Client> => {
  const clients = signedIn.get(world) ?? new Map<string, Promise<Client>>()
  signedIn.set(world, clients)
  const key = `${world.today} ${login}`
  const client = clients.get(key) ?? world.as(login)
  clients.set(key, client)
  return client
}

export const editionId = async (client: Client, plan: string, edition?: string): Promise<number> => {
  const { body } = await client.get<{ id: number; plan: string; edition: string }[]>('/editions')
  const found = body.find((each) => each.plan === plan && (!edition || each.edition === edition))
  assert(found, `no edition of ${plan}`)
  return found.id
}

/** An edition like another one, with its text changed; adopted beside it under a name of its own. */
export const adoptVariant = async (
  world: World,
  plan: string,
  edition: string,
  change: (text: string) => string,
): Promise<number> => {
  const at = (name: string) => fileURLToPath(new URL(`../plans/${plan}/${name}`, import.meta.url))
  const [text, clauses] = [await readFile(at('edition-2026.yaml'), 'utf8'), await readFile(at('clauses.zh.md'), 'utf8')]
  const changed = change(text.replace('edition: 2026', `edition: ${edition}`))
  const compiled = compile(changed, clauses)
  assert(compiled.ok, JSON.stringify(compiled))
  const file = { edition: compiled.value, text: changed, clauses, sha256: fingerprintOf(changed, clauses) }
  const adopted = await adoptEditions(testContext(world.base, { office: 1, today: world.today }), [file], '测试决议')
  assert(adopted.ok && adopted.value.adopted === 1)
  forgetEditions()
  const { rows } = await world.base.owner.query<{ id: number }>(
    'select id from plans.edition where plan = $1 and edition = $2',
    [plan, edition],
  )
  assert(rows[0])
  return rows[0].id
}

/** A roster of a unit, opened and with people on it. */
export const rosterWith = async (
  world: World,
  [office, unit]: readonly [Office, UnitKey],
  edition: string | number,
  people: readonly Person[],
  { shares, commonDay }: { shares?: number; commonDay?: string } = {},
): Promise<number> => {
  const officer = await as(world, `${office}-${unit}`)
  const { rosterId } = done(
    await officer.post<{ rosterId: number }>('/rosters', {
      unitId: world.demo.units[`${office}-${unit}`],
      editionId: typeof edition === 'number' ? edition : await editionId(officer, edition, '2026'),
      ...(commonDay ? { commonDay } : {}),
    }),
  )
  if (people.length > 0) done(await officer.upload(`/rosters/${rosterId}/files`, await rosterOf(people, shares)))
  return rosterId
}

/** The unit states its heads, and the agency confirms them. */
export const headsOf = async (
  world: World,
  [office, unit]: readonly [Office, UnitKey],
  rosterId: number,
  heads: number,
  kind = 'staff',
): Promise<void> => {
  const [officer, agency] = [await as(world, `${office}-${unit}`), await as(world, `${office}-agency`)]
  const { headCountId } = done(
    await officer.upload<{ headCountId: number }>(`/rosters/${rosterId}/head-count`, pdf(`人数 ${rosterId}`), {
      kind,
      countedOn: world.today,
      heads: String(heads),
    }),
  )
  done(await agency.post(`/rosters/${rosterId}/head-count/confirmation`, { headCountId }))
}

export interface ClosedRoster {
  readonly rosterId: number
  readonly noticeId: number
  readonly noticeNumber: string
  readonly dueFen: number
  readonly persons: number
}

/** A roster with people, its heads and its payment notice: all but the money. */
export const closedRoster = async (
  world: World,
  at: readonly [Office, UnitKey],
  edition: string | number,
  people: readonly Person[],
  {
    heads = people.length,
    kind = 'staff',
    ...options
  }: { shares?: number; commonDay?: string; heads?: number; kind?: string } = {},
): Promise<ClosedRoster> => {
  const rosterId = await rosterWith(world, at, edition, people, options)
  await headsOf(world, at, rosterId, heads, kind)
  const officer = await as(world, `${at[0]}-${at[1]}`)
  return { rosterId, ...done(await officer.post<Omit<ClosedRoster, 'rosterId'>>(`/rosters/${rosterId}/closing`)) }
}

export interface Statement {
  readonly lines: number
  readonly newReceipts: number
  readonly amountFen: number
  readonly effective: {
    noticeNumber: string
    covered: number
    leftOut: number
    coverFrom: string
    certificate: string
  }[]
  readonly notAllocated: { noticeNumber: string; code: string; message: string }[]
}
export interface MoneyLine {
  readonly fen: number
  readonly note?: string
  readonly reference: string
  readonly on?: string
  readonly payer?: string
}

/** Money that came, as the finance officer reads it from the bank's statement. */
export const moneyCame = async (
  world: World,
  office: Office,
  lines: readonly MoneyLine[],
): Promise<Reply<Statement>> => {
  const finance = await as(world, `${office}-finance`)
  return finance.upload<Statement>(
    '/statements',
    statementOf(
      lines.map(({ fen, note = '', reference, on = world.today, payer = '某单位工会' }) => ({
        on,
        payer,
        yuan: (fen / 100).toFixed(2),
        note,
        reference,
      })),
    ),
  )
}

/** Everybody on a roster covered: handed in, closed, and its money come. */
export const coverPaid = async (
  world: World,
  at: readonly [Office, UnitKey],
  plan: string,
  people: readonly Person[],
  options: Parameters<typeof closedRoster>[4] = {},
): Promise<void> => {
  const { rosterId, dueFen, noticeNumber } = await closedRoster(world, at, plan, people, options)
  done(await moneyCame(world, at[0], [{ fen: dueFen, note: noticeNumber, reference: `${plan}${rosterId}` }]))
}

/** Several requests that all stand waiting for the same row, and then go. */
export const allAtOnce = async <T>(world: World, lock: string, work: () => Promise<T>[]): Promise<T[]> => {
  const holder = await world.base.owner.connect()
  try {
    await holder.query('begin')
    await holder.query(lock)
    const going = work()
    const waiting = `select from pg_locks l join pg_stat_activity a using (pid) where not l.granted and a.datname = current_database()`
    for (let tries = 0; ((await world.base.owner.query(waiting)).rowCount ?? 0) < going.length; tries += 1) {
      assert(tries < 200, 'everybody waits for the row')
      await new Promise((wake) => setTimeout(wake, 20))
    }
    await holder.query('commit')
    return await Promise.all(going)
  } finally {
    holder.release()
  }
}
