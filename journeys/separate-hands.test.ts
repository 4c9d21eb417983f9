import { Secret, TOTP } from 'otpauth'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { refuse } from '#kernel/result.ts'
import { mayDo, roles } from '#modules/network/index.ts'
import { sql, transact } from '#platform/database/index.ts'
import { demoPassword } from '../server/src/seed/demonstration.ts'
import { testContext } from '../test/database.ts'
import { type FullWorld, openFullWorld, stay } from './places.ts'
import { type Client, pdf } from './world.ts'

// Who works here, for how long, up to which amount, and never on what is her own; and how one signs in.

let world: FullWorld
let admin: Client
let head: Client
beforeAll(async () => {
  world = await openFullWorld()
  admin = world.actors.administrator
  head = await world.as('head-admin')
}, 240_000)
afterAll(() => world.close())

const reason = '按办公会决定'
const idOf = async (login: string): Promise<number> => {
  const staff = await admin.get<{ id: number; login: string }[]>('/staff')
  return staff.body.find((each) => each.login === login)?.id ?? 0
}

test('an officer is added, signs in with a temporary password that is good for nothing but changing it, and is appointed for a term', async () => {
  const added = await admin.post<{ staffId: number; password: string }>('/staff', {
    name: '高远',
    login: 'gao.yuan',
    reason,
  })
  expect(added.status).toBe(201)
  expect(await admin.post('/staff', { name: '高远', login: 'gao.yuan', reason })).toMatchObject({
    status: 409,
    body: { code: 'staff_exists' },
  })
  const signIn = { login: 'gao.yuan', password: added.body.password }
  expect(await world.anybody.post('/sign-in', signIn)).toMatchObject({ status: 401 }) // no appointment yet
  const url = `/staff/${added.body.staffId}/appointments`
  const agency = { kind: 'agency', id: world.at.own.agencyId }
  expect(await admin.post(url, { role: 'unit_officer', place: agency, from: world.today, reason })).toMatchObject({
    status: 422,
    body: { code: 'place_wrong_for_role' },
  })
  expect(
    await admin.post(url, { role: 'agency_clerk', place: { kind: 'agency', id: 999_999 }, from: world.today, reason }),
  ).toMatchObject({ status: 404, body: { code: 'agency_not_found' } })
  const until = '2026-08-01'
  const appointed = await admin.post<{ appointmentId: number }>(url, {
    role: 'agency_clerk',
    place: agency,
    from: world.today,
    until,
    fullTime: false,
    reason,
  })
  expect(appointed.status).toBe(201)

  const temporary = await world.as('gao.yuan', added.body.password)
  expect(await temporary.get('/rosters')).toMatchObject({ status: 403, body: { code: 'change_password_first' } })
  expect(await temporary.post('/me/password', { old: 'wrong', new: demoPassword })).toMatchObject({
    body: { code: 'old_password_wrong' },
  })
  expect(await temporary.post('/me/password', { old: added.body.password, new: 'Password2026!' })).toMatchObject({
    status: 422,
    body: { code: 'password_too_weak' },
  })
  expect((await temporary.post('/me/password', { old: added.body.password, new: demoPassword })).status).toBe(200)
  expect((await temporary.get('/rosters')).status).toBe(200)
  expect(await world.anybody.post('/sign-in', signIn)).toMatchObject({ status: 401 })

  // A term that ends, ends the session with it.
  expect(
    await admin.post(`/appointments/${appointed.body.appointmentId}/end`, { on: world.today, reason }),
  ).toMatchObject({
    status: 201,
  })
  expect((await temporary.get('/rosters')).status).toBe(401)
  expect(
    await admin.post(`/appointments/${appointed.body.appointmentId}/end`, { on: world.today, reason }),
  ).toMatchObject({
    status: 409,
    body: { code: 'appointment_already_ended' },
  })
  const acts = await world.base.owner.query<{ command: string; reason: string }>(
    `select command, reason from platform.act where command in ('network.add-staff', 'network.appoint', 'network.end-appointment') and reason = $1`,
    [reason],
  )
  expect(new Set(acts.rows.map((row) => row.command)).size).toBe(3)
})

test('a deputy has the role of the one she stands in for, while her term lasts', async () => {
  const { body } = await admin.post<{ staffId: number }>('/staff', { name: '代理', login: 'deputy', reason })
  const staff = await admin.get<{ login: string; appointments: { id: number; role: string }[] }[]>('/staff')
  const chair = staff.body.find((each) => each.login === 'east-decider')?.appointments[0]?.id
  const url = `/staff/${body.staffId}/appointments`
  const term = { from: world.today, until: '2026-07-30', deputyFor: chair, reason }
  expect(await admin.post(url, { role: 'office_finance', ...term })).toMatchObject({
    body: { code: 'deputy_of_other_role' },
  })
  expect(await admin.post(url, { role: 'office_decider', ...term })).toMatchObject({ status: 201 })
  expect(await admin.post(url, { role: 'office_decider', ...term, until: '2026-07-01' })).toMatchObject({
    body: { code: 'appointment_days_wrong' },
  })
})

test('nobody gives herself a role, and an office never gives, ends or resets those who watch it', async () => {
  const own = await idOf('east-admin')
  expect(
    await admin.post(`/staff/${own}/appointments`, { role: 'office_finance', from: world.today, reason }),
  ).toMatchObject({ status: 403, body: { code: 'not_yourself' } })
  const other = await idOf('east-finance')
  for (const role of ['supervisory_board', 'local_committee', 'union_audit_committee'])
    expect(await admin.post(`/staff/${other}/appointments`, { role, from: world.today, reason })).toMatchObject({
      status: 403,
      body: { code: 'watcher_from_above' },
    })
  const watcher = {
    name: '某人',
    login: 'watcher9',
    role: 'supervisory_board',
    from: world.today,
    resolution: '第七次代表大会第二号决议',
    reason,
  }
  expect(await admin.post('/offices/2/watchers', watcher)).toMatchObject({
    status: 403,
    body: { code: 'head_office_only' },
  })
  const given = await head.post<{ staffId: number; appointmentId: number }>('/offices/2/watchers', watcher)
  expect(given.status).toBe(201)
  expect(await admin.post(`/appointments/${given.body.appointmentId}/end`, { on: world.today, reason })).toMatchObject({
    status: 404,
  })
  for (const path of ['password-reset', 'sessions/end', 'second-step/removal'])
    expect(await admin.post(`/staff/${given.body.staffId}/${path}`, { reason })).toMatchObject({
      body: { code: 'watcher_from_above' },
    })
  expect(await head.post(`/appointments/${given.body.appointmentId}/end`, { on: world.today, reason })).toMatchObject({
    status: 201,
  })
})

test('the database holds it too: no row of a watcher by the watched office, whatever it says', async () => {
  const client = await world.base.db.pool.connect()
  const row = (by: number, kind: string) =>
    client.query(
      `insert into network.appointment (office_id, id, staff_id, role, from_on, appointing_office, appointing_kind, appointed_by, resolution)
       values (2, $1, $2, 'supervisory_board', '2026-07-20', $3, $4, 1, 'x')`,
      [900_000 + by, staffId, by, kind],
    )
  const staffId = await idOf('east-finance')
  try {
    for (const [by, kind] of [
      [2, 'office'],
      [1, 'head'],
      [2, 'head'],
    ] as const) {
      await client.query(`begin; set local role tongzhou_app; set local app.office = '2'`)
      await expect(row(by, kind)).rejects.toThrow(/row-level security|watchers_from_above|foreign key/)
      await client.query('rollback')
    }
  } finally {
    client.release()
  }
})

test('whatever a supervisor opens is an act, and she can change nothing', async () => {
  const board = world.actors.supervisory_board
  const opened = () =>
    world.base.owner.query<{ object: string }>(
      `select object from platform.act where command = 'watcher.opened' and role = 'supervisory_board' order by id`,
    )
  const before = (await opened()).rows.length
  await board.get(`/claims/${world.at.own.eventId}`)
  await board.get('/books/2026-07')
  await board.get(`/claims/${world.at.foreign.eventId}`) // not found: nothing was opened
  const after = (await opened()).rows.slice(before).map((row) => row.object)
  expect(after).toEqual([`/claims/:eventId ${world.at.own.eventId}`, '/books/:period 2026-07'])
  const writes = world.app.routes.filter(
    (route) => route.method === 'POST' && !route.open && !route.url.startsWith('/me'),
  )
  for (const { url } of writes.filter((each) => each.url !== '/sign-out'))
    expect((await board.post(url.replace(/:\w+/g, '1'))).status, url).toBe(403)
})

test('nobody reviews or decides her own claim; her own unit’s where the office says so', async () => {
  const items = (
    await world.actors.member.get<{ items: { id: number; stage: string }[] }>(`/claims/${world.at.own.openEventId}`)
  ).body.items
  const itemId = items[0]?.id
  for (const kind of ['出院记录', '医保结算单', '病理报告'])
    await world.actors.member.upload(`/claims/${world.at.own.openEventId}/papers`, pdf(`${kind}2`), { kind })
  for (const login of ['east-decider', 'east-agency'])
    expect(
      await admin.post(`/staff/${await idOf(login)}/person`, { memberNumber: world.at.own.memberNumber, reason }),
    ).toMatchObject({ status: 201 })
  const { office_decider: decider, agency_clerk: agency, office_reviewer: reviewer } = world.actors
  expect(await agency.post(`/claim-items/${itemId}/review`, { verdict: 'pass' })).toMatchObject({
    status: 403,
    body: { code: 'own_claim' },
  })
  expect(await reviewer.post(`/claim-items/${itemId}/review`, { verdict: 'pass' })).toMatchObject({ status: 201 })
  expect(await decider.post(`/claim-items/${itemId}/decision`)).toMatchObject({
    status: 403,
    body: { code: 'own_claim' },
  })
  // The link is sealed: the table alone does not say who she is.
  const { rows } = await world.base.owner.query<{ text: string }>(
    `select person_sealed::text as text from network.staff_person`,
  )
  expect(rows.length).toBe(2)

  const covers = await agency.get<{ memberNumber: string }[]>(`/units/${world.at.own.unitId}/covers`)
  const colleague = covers.body.find((each) => each.memberNumber !== world.at.own.memberNumber)?.memberNumber
  await world.base.owner.query(`delete from network.staff_person`)
  await admin.post(`/staff/${await idOf('east-decider')}/person`, { memberNumber: colleague, reason })
  await admin.post('/duty-rules', { from: world.today, ownUnitBarred: true, resolution: '理事会第3号决议' })
  expect(await decider.post(`/claim-items/${itemId}/decision`)).toMatchObject({
    status: 403,
    body: { code: 'own_units_claim' },
  })
  await world.base.owner.query(`delete from network.staff_person`)
})

test('nobody reviews or decides a claim of her kin; ended, she may again; who they are is sealed, and nobody ends her own', async () => {
  const { member, office_decider: decider } = world.actors
  const items = (await member.get<{ items: { id: number }[] }>(`/claims/${world.at.own.openEventId}`)).body.items
  const staffId = await idOf('east-decider')
  const kin = { memberNumber: world.at.own.memberNumber, relation: 'sibling', reason }
  expect(await admin.post(`/staff/${staffId}/kin`, { ...kin, relation: 'friend' })).toMatchObject({ status: 400 })
  expect(await admin.post(`/staff/${staffId}/kin`, { ...kin, memberNumber: 'nobody' })).toMatchObject({ status: 404 })
  expect(await admin.post('/staff/999999/kin', kin)).toMatchObject({ body: { code: 'staff_not_found' } })
  const declared = await admin.post<{ kinId: number }>(`/staff/${staffId}/kin`, kin)
  expect(declared.status).toBe(201)
  expect(await decider.post(`/claim-items/${items[0]?.id}/decision`)).toMatchObject({
    status: 403,
    body: { code: 'kin_claim' },
  })
  expect(await decider.post(`/claim-items/${items[0]?.id}/review`, { verdict: 'pass' })).toMatchObject({
    body: { code: 'kin_claim' },
  })
  const listed = await admin.get(`/staff/${staffId}/kin`)
  expect(listed.body).toEqual([{ id: declared.body.kinId, relation: 'sibling', from: world.today, until: null }])
  const { rows } = await world.base.owner.query<{ text: string }>('select kin::text as text from network.staff_kin kin')
  expect(rows.map((row) => row.text).join()).not.toContain(`,${world.at.own.memberNumber},`)

  const ownKin = await admin.post<{ kinId: number }>(`/staff/${await idOf('east-admin')}/kin`, kin)
  expect(await admin.post(`/kin/${ownKin.body.kinId}/end`, { reason })).toMatchObject({
    body: { code: 'not_yourself' },
  })
  expect(await admin.post(`/kin/${declared.body.kinId}/end`, { reason })).toMatchObject({ status: 201 })
  expect(await admin.post(`/kin/${declared.body.kinId}/end`, { reason })).toMatchObject({
    status: 409,
    body: { code: 'kin_already_ended' },
  })
  const foreign = await world.as('west-admin')
  expect(await foreign.post(`/kin/${ownKin.body.kinId}/end`, { reason })).toMatchObject({
    status: 404,
    body: { code: 'kin_not_found' },
  })
  const after = await decider.post<{ code?: string }>(`/claim-items/${items[0]?.id}/decision`)
  expect(after.body.code).not.toBe('kin_claim')
})

test('an office too small for separate hands is lent one from above, by a resolution and for a term, and cannot take the hand over', async () => {
  const hand = {
    name: '借调放行人',
    login: 'lent-releaser',
    role: 'office_releaser',
    from: world.today,
    until: '2027-01-01',
    resolution: '总会理事会第9号决议',
    reason,
  }
  expect(await admin.post('/offices/2/lent-hands', hand)).toMatchObject({ body: { code: 'head_office_only' } })
  expect(await head.post('/offices/1/lent-hands', hand)).toMatchObject({ body: { code: 'office_lends_itself' } })
  expect(await head.post('/offices/99/lent-hands', hand)).toMatchObject({ body: { code: 'office_not_found' } })
  expect(await head.post('/offices/2/lent-hands', { ...hand, until: undefined })).toMatchObject({ status: 400 })
  expect(await head.post('/offices/2/lent-hands', { ...hand, until: world.today })).toMatchObject({
    body: { code: 'appointment_days_wrong' },
  })
  expect(await head.post('/offices/2/lent-hands', { ...hand, role: 'administrator' })).toMatchObject({ status: 400 })
  const lent = await head.post<{ staffId: number; appointmentId: number; password: string }>(
    '/offices/2/lent-hands',
    hand,
  )
  expect(lent.status).toBe(201)
  const temporary = await world.as('lent-releaser', lent.body.password)
  expect((await temporary.post('/me/password', { old: lent.body.password, new: demoPassword })).status).toBe(200)
  expect((await temporary.get<unknown[]>('/payment-batches')).status).toBe(200)
  expect((await temporary.get('/rosters')).status).toBe(403)
  for (const path of ['password-reset', 'sessions/end', 'second-step/removal'])
    expect(await admin.post(`/staff/${lent.body.staffId}/${path}`, { reason })).toMatchObject({
      body: { code: 'watcher_from_above' },
    })
  const { appointmentId } = lent.body
  expect(await admin.post(`/appointments/${appointmentId}/end`, { on: world.today, reason })).toMatchObject({
    status: 404,
  })
  // The database holds the term and the resolution too.
  await expect(
    world.base.owner.query(`update network.appointment set until_on = null where office_id = 2 and id = $1`, [
      appointmentId,
    ]),
  ).rejects.toThrow('lent_by_resolution_for_a_term')
  expect(await head.post(`/appointments/${appointmentId}/end`, { on: world.today, reason })).toMatchObject({
    status: 201,
  })
  expect((await temporary.get('/payment-batches')).status).toBe(401)
})

test('who may decide is the same in the database’s own question about limits as in the table of rights', async () => {
  const { rows } = await world.base.owner.query<{ text: string }>(
    `select pg_get_functiondef('claims.above_limit'::regproc) as text`,
  )
  const deciding = roles.filter((role) => mayDo(role, 'claims.decide') || mayDo(role, 'claims.decide-at-agency'))
  expect(roles.filter((role) => rows[0]?.text.includes(`'${role}'`))).toEqual(deciding)
})

test('a limit of authority is a dated row; without one there is none, and above it the claim is handed up', async () => {
  const { office_decider: decider, agency_clerk: agency } = world.actors
  const covers = await agency.get<{ memberNumber: string }[]>(`/units/${world.at.own.unitId}/covers`)
  const colleague = [...new Set(covers.body.map((each) => each.memberNumber))][3]
  const code = await agency.post<{ login: string; code: string }>(`/members/${colleague}/sign-in-code`)
  const herself = await world.as(code.body.login, code.body.code)
  const filed = await herself.post<{ eventId: number; items: number[] }>('/claims', stay(1))
  for (const kind of ['出院记录', '医保结算单', '病理报告'])
    await herself.upload(`/claims/${filed.body.eventId}/papers`, pdf(`${kind}3`), { kind })
  const item = (
    await agency.get<{ id: number; plan: string; part: string; proposedFen: number }>(
      `/claim-items/${filed.body.items[0]}`,
    )
  ).body
  expect(item.proposedFen).toBeGreaterThan(100)
  await world.actors.office_reviewer.post(`/claim-items/${item.id}/review`, { verdict: 'pass' })
  expect((await decider.get<unknown[]>('/limits')).body).toEqual([])
  const limit = { mostFen: 100, from: world.today, resolution: '理事会第4号决议' }
  expect(await admin.post('/limits', limit)).toMatchObject({ body: { code: 'limit_of_nobody' } })
  expect((await admin.post('/limits', { ...limit, role: 'office_decider', plan: 'another-plan' })).status).toBe(201)
  expect(
    (await admin.post('/limits', { ...limit, role: 'office_decider', plan: item.plan, part: item.part })).status,
  ).toBe(201)
  const refused = await decider.post<{ code: string; message: string }>(`/claim-items/${item.id}/decision`)
  expect(refused).toMatchObject({ status: 403, body: { code: 'above_your_limit', limitYuan: '1.00' } })
  // The database holds it too: his hand cannot write a fen more, and what is within may be written.
  const by = await idOf('east-decider')
  const write = (fen: number, off: { persons?: number[]; units?: number[] } | null = {}) =>
    transact(testContext(world.base), 'test.decide', async (tx) => {
      if (off)
        await sql`select set_config('app.keeps_off_persons', ${off.persons ?? []}::bigint[]::text, true),
                         set_config('app.keeps_off_units', ${off.units ?? []}::bigint[]::text, true)`.execute(tx.q)
      await sql`insert into claims.item_end values (${tx.office}, ${item.id}, 'decided', ${world.today}::date)`.execute(
        tx.q,
      )
      await sql`
        insert into claims.decision (office_id, item_id, filed_by_kind, filed_by, part, outcome, benefit_fen, inputs, workings,
          edition_sha256, engine, decided_by, decided_on)
        select office_id, id, filed_by_kind, filed_by, part, 'granted', ${fen}, '{}', '[]', 'x', 'x', ${by}, ${world.today}::date
          from claims.item where office_id = ${tx.office} and id = ${item.id}`.execute(tx.q)
      return refuse({ code: 'not_yet' })
    })
  await expect(write(101)).rejects.toThrow('row-level security policy "within_limit"')
  expect(await write(100)).toMatchObject({ refused: { code: 'not_yet' } })
  // And that nobody decides her own claim, her kin's or her unit's: whoever does not say whom she keeps off writes nothing.
  const { rows } = await world.base.owner.query<{ person: number; unit: number }>(
    'select person_id as person, unit_id as unit from claims.item where id = $1',
    [item.id],
  )
  const { person, unit } = rows[0] ?? { person: 0, unit: 0 }
  const keptOff = 'row-level security policy "not_her_own"'
  await expect(write(100, null)).rejects.toThrow(keptOff)
  await expect(write(100, { persons: [1, person] })).rejects.toThrow(keptOff)
  await expect(write(100, { units: [unit] })).rejects.toThrow(keptOff)
  expect(await write(100, { persons: [1], units: [1] })).toMatchObject({ refused: { code: 'not_yet' } })
  // His own appointment may carry more than the role; then the same hand may decide.
  const staff = await admin.get<{ login: string; appointments: { id: number }[] }[]>('/staff')
  const appointmentId = staff.body.find((each) => each.login === 'east-decider')?.appointments[0]?.id
  expect((await admin.post('/limits', { ...limit, appointmentId, mostFen: 100_000_000 })).status).toBe(201)
  expect((await decider.post(`/claim-items/${item.id}/decision`)).status).toBe(201)
  expect((await decider.get<unknown[]>('/limits')).body).toHaveLength(3)
})

test('payments stop when two order it, everywhere if the head office does, and go on when two lift it', async () => {
  const { office_finance: finance, office_releaser: releaser, office_decider: decider } = world.actors
  const { body } = await finance.post<{ stopId: number }>('/stops', { what: 'payments', reason: '银行接口异常' })
  const release = () => releaser.post(`/payment-batches/${world.at.own.batchId}/release`)
  expect(await finance.post(`/stops/${body.stopId}/confirmation`)).toMatchObject({
    status: 403,
    body: { code: 'stop_needs_another' },
  })
  expect((await decider.post('/payment-batches')).status).toBe(403) // not his right anyway
  // Of many who confirm at once, one does.
  const confirmed = await Promise.all([1, 2, 3, 4].map(() => releaser.post(`/stops/${body.stopId}/confirmation`)))
  expect(confirmed.filter((each) => each.status === 201)).toHaveLength(1)
  expect(await release()).toMatchObject({ status: 403, body: { code: 'stopped', reason: '银行接口异常' } })
  expect(await finance.post('/payment-batches')).toMatchObject({ status: 403, body: { code: 'stopped' } })
  expect(await releaser.post(`/stops/${body.stopId}/lift`, { reason: '已恢复正常' })).toMatchObject({ status: 201 })
  expect(await releaser.post(`/stops/${body.stopId}/lift/confirmation`)).toMatchObject({
    body: { code: 'stop_needs_another' },
  })
  expect(await release()).toMatchObject({ body: { code: 'stopped' } })
  expect((await finance.post(`/stops/${body.stopId}/lift/confirmation`)).status).toBe(201)
  expect((await release()).status).toBe(201)
  // The same hand twice is refused by the database too.
  await expect(
    world.base.owner.query(`
      insert into network.stop_step (office_id, stop_id, step, made_by, made_at, after_step, after_by)
      select office_id, stop_id, 'confirmed', made_by, now(), 'ordered', made_by from network.stop_step
       where stop_id = ${world.at.own.stopId} and step = 'ordered'`),
  ).rejects.toThrow('another_hand')

  const all = await head.post<{ stopId: number }>('/stops', { what: 'plan', plan: 'demo-critical', reason: '条款有误' })
  await (await world.as('head-decider')).post(`/stops/${all.body.stopId}/confirmation`)
  const unit = await world.as('west-unit1')
  const roster = { unitId: world.at.foreign.unitId, editionId: world.editionId }
  expect(await unit.post('/rosters', roster)).toMatchObject({
    status: 403,
    body: { code: 'stopped', reason: '条款有误' },
  })
  expect(
    await (await world.as('west-decider')).post(`/stops/${all.body.stopId}/lift`, { reason: '西办事处要求' }),
  ).toMatchObject({
    status: 404,
  })
})

test('sessions are listed, ended one by one or all others, by oneself or by an administrator', async () => {
  const [first, second, third] = [
    await world.as('east-reviewer'),
    await world.as('east-reviewer'),
    await world.as('east-reviewer'),
  ]
  const seen = await second.get<{ id: number; current: boolean }[]>('/me/sessions')
  expect(seen.body.filter((each) => each.current)).toHaveLength(1)
  expect(JSON.stringify(seen.body)).not.toMatch(/token|hash/)
  const current = (await first.get<{ id: number; current: boolean }[]>('/me/sessions')).body.find(
    (each) => each.current,
  )
  expect((await second.post(`/me/sessions/${current?.id}/end`)).status).toBe(200)
  expect((await first.get('/me')).status).toBe(401)
  expect((await second.post('/me/sessions/end-others')).status).toBe(200)
  expect((await third.get('/me')).status).toBe(401)
  expect((await second.get('/me')).status).toBe(200)
  // Somebody else's session is not there.
  const mine = (await admin.get<{ id: number; current: boolean }[]>('/me/sessions')).body.find((each) => each.current)
  expect(await second.post(`/me/sessions/${mine?.id}/end`)).toMatchObject({ status: 404 })
  expect((await admin.post(`/staff/${await idOf('east-reviewer')}/sessions/end`, { reason })).status).toBe(201)
  expect((await second.get('/me')).status).toBe(401)
  expect((await admin.post(`/staff/${await idOf('east-reviewer')}/password-reset`, { reason })).status).toBe(201)
  expect(await world.anybody.post('/sign-in', { login: 'east-reviewer', password: demoPassword })).toMatchObject({
    status: 401,
  })
})

test('where the second step is on, release, decision and administration ask for it; a code opens once', async () => {
  const services = world.base.services as { secondStep?: 'on' | 'off' }
  services.secondStep = 'on'
  try {
    const releaser = await world.as('west-releaser')
    const release = () => releaser.post(`/payment-batches/${world.at.foreign.batchId}/release`)
    expect((await releaser.get('/payment-batches')).status).toBe(200)
    expect(await release()).toMatchObject({ status: 403, body: { code: 'second_step_needed' } })
    for (const [login, url] of [
      ['west-decider', `/claim-items/${world.at.foreign.openItemId}/decision`],
      ['west-admin', '/staff'],
      ['west-finance', '/stops'],
    ] as const)
      expect(await (await world.as(login)).post(url, { name: 'x' })).toMatchObject({
        body: { code: 'second_step_needed' },
      })

    const now = () => new Date(`${world.today}T10:00:00+08:00`)
    const codeFor = (secret: string, shift = 0) =>
      TOTP.generate({ secret: Secret.fromBase32(secret), timestamp: now().getTime() + shift })
    const enrolled = await releaser.post<{ secret: string; uri: string; qr: string }>('/me/second-step')
    expect(enrolled.body.uri).toContain('otpauth://totp/')
    expect(enrolled.body.qr).toContain('<svg')
    expect(await releaser.post('/me/second-step/confirmation', { code: '000000' })).toMatchObject({ status: 422 })
    expect(await release()).toMatchObject({ body: { code: 'second_step_needed' } })
    const done = await releaser.post<{ recoveryCodes: string[] }>('/me/second-step/confirmation', {
      code: codeFor(enrolled.body.secret),
    })
    expect(done.body.recoveryCodes).toHaveLength(10)
    expect((await release()).status).toBe(201)

    // Another session has to show it again: not the code that was used, but the next one, once.
    const again = await world.as('west-releaser')
    const verify = (code: string) => again.post('/me/second-step/verification', { code })
    expect(await again.get(`/payment-batches/${world.at.foreign.batchId}/file`)).toMatchObject({ status: 403 })
    expect(await verify(codeFor(enrolled.body.secret))).toMatchObject({ body: { code: 'second_step_wrong' } })
    const next = codeFor(enrolled.body.secret, 30_000)
    const twins = await Promise.all([verify(next), verify(next)])
    expect(twins.map((each) => each.status).sort()).toEqual([200, 422])
    expect((await again.get(`/payment-batches/${world.at.foreign.batchId}/file`)).status).toBe(200)
    expect(await again.post('/me/second-step')).toMatchObject({ status: 409, body: { code: 'second_step_enrolled' } })

    // The telephone is lost: a recovery code opens, once; then wrong ones make her wait.
    const lost = await world.as('west-releaser')
    const code = done.body.recoveryCodes[3] ?? ''
    expect((await lost.post('/me/second-step/verification', { code })).status).toBe(200)
    expect(await lost.post('/me/second-step/verification', { code })).toMatchObject({ status: 422 })
    for (let i = 0; i < 8; i += 1) await lost.post('/me/second-step/verification', { code: '111111' })
    expect(await lost.post('/me/second-step/verification', { code: '111111' })).toMatchObject({ status: 429 })
    // The secret lies sealed, the codes as hashes.
    const { rows } = await world.base.owner.query<{ all: string }>(
      `select string_agg(encode(secret_sealed, 'escape'), '') as all from network.second_step`,
    )
    expect(rows[0]?.all).not.toContain(enrolled.body.secret)
  } finally {
    services.secondStep = 'off'
  }
})

test('in production the second step cannot be switched off', async () => {
  const { configurationFrom } = await import('../server/src/configuration.ts')
  expect(configurationFrom({ TONGZHOU_MODE: 'production' })).toMatchObject({ secondStep: 'on' })
  expect(configurationFrom({})).toMatchObject({ secondStep: 'off' })
  expect(configurationFrom({ TONGZHOU_SECOND_STEP: 'on' })).toMatchObject({ secondStep: 'on' })
  expect(configurationFrom({ TONGZHOU_MODE: 'production', TONGZHOU_SECOND_STEP: 'off' })).toHaveLength(1)
})
