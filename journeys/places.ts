import { assert } from '#kernel/assert.ts'
import { addDays, day } from '#kernel/days.ts'
import { ok } from '#kernel/result.ts'
import { addAppointment, addStaff, type Role } from '#modules/network/index.ts'
import { transact } from '#platform/database/index.ts'
import { hashSecret } from '#platform/sign-in/index.ts'
import { demoPassword } from '../server/src/seed/demonstration.ts'
import { testContext } from '../test/database.ts'
import {
  type Client,
  type MoreOptions,
  openWorld,
  pdf,
  peopleFrom,
  type Reply,
  rosterOf,
  statementOf,
  type World,
} from './world.ts'

/** Where a record stands, seen from unit 1 of the east office. */
export const places = ['own', 'sibling', 'parent', 'foreign'] as const
export type Place = (typeof places)[number]

type OfOffice = Pick<Records, 'listId' | 'batchId' | 'dueId' | 'staffId' | 'appointmentId' | 'stopId' | 'kinId'>

/** One record of every kind that a path can name, at one place. */
export interface Records {
  readonly unitId: number
  readonly unit: string
  readonly agencyId: number
  readonly rosterId: number
  readonly openRosterId: number
  readonly handInId: number
  readonly headCountId: number
  readonly memberNumber: string
  readonly eventId: number
  readonly itemId: number
  readonly openEventId: number
  readonly openItemId: number
  readonly eventNumber: string
  readonly listId: number
  readonly batchId: number
  readonly dueId: number
  readonly staffId: number
  readonly appointmentId: number
  readonly stopId: number
  readonly kinId: number
}

export interface FullWorld extends World {
  readonly at: Readonly<Record<Place, Records>>
  readonly editionId: number
  /** somebody of each role, in the east: at unit 1, at agency 1, or for the whole office */
  readonly actors: Readonly<Record<Role, Client>>
  /** what the code of a demonstration member is, to sign in as her again */
  readonly member: { readonly login: string; readonly code: string }
}

const done = <T>(reply: Reply<T>): T => {
  assert(reply.status < 300, `refused: ${JSON.stringify(reply.body)}`)
  return reply.body
}

const july = (n: number): string => addDays(day('2026-07-01'), n)
/** The n-th hospital stay of somebody in July that two plans speak of: each of three days, one after the other. */
export const stay = (n: number) => ({
  event: {
    kind: 'inpatient_stay',
    dates: {
      admission: july(3 * n - 3),
      discharge: july(3 * n),
      settlement: july(3 * n),
      diagnosis: july(3 * n - 2),
    },
    bill: { total: 3_000_000, in_scope_self_pay: 650_000 },
    days: { inpatient: 3 },
    codes: { diagnosis: 'C34.1', severity: 'severe', hospital_level: 3, cause: 'disease' },
  },
  words: '住院手术',
  nameInNotice: true,
  payee: { name: '某人', account: '6222020000000012', branch: '示范银行东市支行' },
})

/** An officer of the east or west office, appointed as the demonstration's are. */
export const officer = async (
  world: World,
  office: number,
  staff: { login: string; role: Role; place?: { kind: 'unit' | 'agency' | 'point'; id: number } },
): Promise<number> => {
  const secretHash = await hashSecret(demoPassword)
  const made = await transact(testContext(world.base, { office, today: world.today }), 'seed.officer', async (tx) => {
    const { staffId } = await addStaff(tx, { name: staff.login, login: staff.login, secretHash })
    await addAppointment(tx, {
      staffId,
      role: staff.role,
      from: day('2020-01-01'),
      ...(staff.place ? { place: staff.place } : {}),
    })
    return ok(staffId)
  })
  assert(made.ok, 'an officer is added')
  return made.value
}

/** Sets one's own password in place of the temporary one. */
const changePassword = async (world: World, login: string, password: string): Promise<void> => {
  const client = await world.as(login, password)
  done(await client.post('/me/password', { old: password, new: demoPassword }))
}

/** The demonstration with one record of every kind at each of four places: what a test of rights has to try. */
export const openFullWorld = async (more: MoreOptions = {}): Promise<FullWorld> => {
  const world = await openWorld(day('2026-03-02'), more)
  // Signing in costs what a password hash costs: once a person and day is enough.
  const signedIn = new Map<string, Promise<Client>>()
  const as = (login: string, password?: string): Promise<Client> => {
    const key = `${login} ${password ?? ''} ${world.today}`
    const known = signedIn.get(key) ?? world.as(login, password)
    signedIn.set(key, known)
    return known
  }
  const { demo } = world
  const admin = await as('east-admin')
  const agency2 = demo.agencies['east-agency2'] ?? 0
  const third = done(
    await admin.post<{ id: number }>('/units', { name: '示范远郊服务站', kind: 'without_code', agencyId: agency2 }),
  ).id
  await officer(world, 2, { login: 'east-unit3', role: 'unit_officer', place: { kind: 'unit', id: third } })
  await officer(world, 2, { login: 'east-agency2', role: 'agency_clerk', place: { kind: 'agency', id: agency2 } })
  const above = await as('head-admin')
  for (const role of ['local_committee', 'union_audit_committee'] as const) {
    const login = `east-${role}`
    const { password } = done(
      await above.post<{ password: string }>('/offices/2/watchers', {
        name: login,
        login,
        role,
        from: world.today,
        resolution: '示范决议第一号',
        reason: '示范任命',
      }),
    )
    await changePassword(world, login, password)
  }
  const stamp = await as('east-agency2')
  done(await stamp.upload(`/units/${third}/application`, pdf('盖章'), { appliedOn: '2026-03-01', workers: '9' }))
  done(await (await as('east-decider')).post(`/units/${third}/admission`))

  const sites = {
    own: { key: 'east', login: 'east-unit1', agency: 'east-agency', unitId: demo.units['east-unit1'] ?? 0 },
    sibling: { key: 'east', login: 'east-unit2', agency: 'east-agency', unitId: demo.units['east-unit2'] ?? 0 },
    parent: { key: 'east', login: 'east-unit3', agency: 'east-agency2', unitId: third },
    foreign: { key: 'west', login: 'west-unit1', agency: 'west-agency', unitId: demo.units['west-unit1'] ?? 0 },
  } as const
  const editions = done(await admin.get<{ id: number; plan: string }[]>('/editions'))
  const editionOf = (plan: string): number => editions.find((each) => each.plan === plan)?.id ?? 0
  const joined: Record<string, { rosterId: number; handInId: number; headCountId: number }> = {}
  for (const [n, place] of places.entries()) {
    const site = sites[place]
    const [unit, agency, finance] = [await as(site.login), await as(site.agency), await as(`${site.key}-finance`)]
    for (const plan of ['demo-hospital', 'demo-critical']) {
      const { rosterId } = done(
        await unit.post<{ rosterId: number }>('/rosters', { unitId: site.unitId, editionId: editionOf(plan) }),
      )
      const file = await rosterOf(peopleFrom(1_000 * (n + 1), 6), plan === 'demo-critical' ? 1 : undefined)
      const { handInId } = done(await unit.upload<{ handInId: number }>(`/rosters/${rosterId}/files`, file))
      const { headCountId } = done(
        await unit.upload<{ headCountId: number }>(`/rosters/${rosterId}/head-count`, pdf('x'), {
          kind: 'staff',
          countedOn: world.today,
          heads: '6',
        }),
      )
      done(await agency.post(`/rosters/${rosterId}/head-count/confirmation`, { headCountId }))
      const closed = done(await unit.post<{ noticeNumber: string; dueFen: number }>(`/rosters/${rosterId}/closing`))
      const line = {
        on: world.today,
        payer: site.login,
        yuan: (closed.dueFen / 100).toFixed(2),
        note: closed.noticeNumber,
        reference: `P${closed.noticeNumber}`,
      }
      done(await finance.upload('/statements', statementOf([line])))
      joined[place] = { rosterId, handInId, headCountId }
    }
  }

  world.today = day('2026-07-20')
  const told: Record<string, Omit<Records, keyof OfOffice>> = {}
  let member = { login: '', code: '' }
  for (const place of places) {
    const site = sites[place]
    const [unit, agency, decider] = [await as(site.login), await as(site.agency), await as(`${site.key}-decider`)]
    const covers = done(await agency.get<{ memberNumber: string }[]>(`/units/${site.unitId}/covers`))
    const memberNumber = covers[0]?.memberNumber ?? ''
    const code = done(await agency.post<{ login: string; code: string }>(`/members/${memberNumber}/sign-in-code`))
    if (place === 'own') member = code
    const herself = await as(code.login, code.code)
    const [decided, open] = [
      done(await herself.post<{ eventId: number; items: number[]; number: string }>('/claims', stay(1))),
      done(await herself.post<{ eventId: number; items: number[] }>('/claims', stay(4))),
    ]
    for (const kind of ['出院记录', '医保结算单', '病理报告'])
      done(await herself.upload(`/claims/${decided.eventId}/papers`, pdf(kind + place), { kind }))
    for (const itemId of decided.items) {
      done(await agency.post(`/claim-items/${itemId}/review`, { verdict: 'pass' }))
      done(await decider.post(`/claim-items/${itemId}/decision`))
    }
    const openRoster = done(
      await unit.post<{ rosterId: number }>('/rosters', {
        unitId: site.unitId,
        editionId: editionOf('demo-critical'),
      }),
    )
    const units = done(await unit.get<{ id: number; name: string; agencyId: number }[]>('/units'))
    told[place] = {
      unitId: site.unitId,
      unit: units[0]?.name ?? '',
      agencyId: units[0]?.agencyId ?? 0,
      ...(joined[place] ?? { rosterId: 0, handInId: 0, headCountId: 0 }),
      openRosterId: openRoster.rosterId,
      memberNumber,
      eventId: decided.eventId,
      eventNumber: decided.number,
      itemId: decided.items[0] ?? 0,
      openEventId: open.eventId,
      openItemId: open.items[0] ?? 0,
    }
  }

  const office: Record<string, Omit<OfOffice, 'listId'> & { lists: { id: number; unitId: number }[] }> = {}
  for (const key of ['east', 'west']) {
    const [finance, decider] = [await as(`${key}-finance`), await as(`${key}-decider`)]
    done(await decider.post('/notice-lists'))
    const lists = done(await decider.get<{ id: number; unitId: number }[]>('/notice-lists'))
    const { batchId } = done(await finance.post<{ batchId: number }>('/payment-batches'))
    const dues = done(await finance.get<{ id: number }[]>('/payment-dues'))
    const head = await as(`${key}-admin`)
    const reason = '示范用的记录'
    const { staffId } = done(
      await head.post<{ staffId: number }>('/staff', { name: '新人', login: `${key}-new`, reason }),
    )
    const { appointmentId } = done(
      await head.post<{ appointmentId: number }>(`/staff/${staffId}/appointments`, {
        role: 'office_reviewer',
        from: world.today,
        reason,
      }),
    )
    const { stopId } = done(
      await decider.post<{ stopId: number }>('/stops', { what: 'plan', plan: 'sh-accident', reason }),
    )
    const memberNumber = told[key === 'east' ? 'sibling' : 'foreign']?.memberNumber
    const { kinId } = done(
      await head.post<{ kinId: number }>(`/staff/${staffId}/kin`, { memberNumber, relation: 'other', reason }),
    )
    office[key] = { batchId, dueId: dues[0]?.id ?? 0, staffId, appointmentId, stopId, kinId, lists }
  }
  const at = Object.fromEntries(
    places.map((place) => {
      const records = told[place]
      const of = office[sites[place].key]
      assert(records && of, 'every place has its records')
      const listId = of.lists.find((list) => list.unitId === records.unitId)?.id
      assert(listId, 'every unit has its list')
      const { lists: _, ...ofOffice } = of
      return [place, { ...records, ...ofOffice, listId }]
    }),
  ) as Record<Place, Records>

  const actors: Record<Role, Client> = {
    member: await as(member.login, member.code),
    unit_officer: await as('east-unit1'),
    agency_clerk: await as('east-agency'),
    office_reviewer: await as('east-reviewer'),
    office_decider: await as('east-decider'),
    office_finance: await as('east-finance'),
    office_releaser: await as('east-releaser'),
    supervisory_board: await as('east-supervisor'),
    local_committee: await as('east-local_committee'),
    union_audit_committee: await as('east-union_audit_committee'),
    administrator: await as('east-admin'),
  }
  return Object.assign(world, { at, editionId: editionOf('demo-critical'), actors, member })
}
