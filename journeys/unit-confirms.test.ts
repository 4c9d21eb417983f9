import { afterAll, beforeAll, expect, test } from 'vitest'
import { day } from '#kernel/days.ts'
import { doctor } from '../server/src/doctor.ts'
import { as, coverPaid, done } from './steps.ts'
import { type Client, openWorld, pdf, peopleFrom, type Reply, type World } from './world.ts'

// Of a claim that a member files herself her unit confirms identity and employment, and sees nothing else of it; of one that
// its officer filed for her he sees the papers he has to hand in.

let world: World
const people = peopleFrom(70_000, 10)
beforeAll(async () => {
  world = await openWorld(day('2026-01-05'))
  await coverPaid(world, ['east', 'unit1'], 'demo-hospital', people)
  await coverPaid(world, ['east', 'unit1'], 'demo-critical', people, { shares: 1 })
  await coverPaid(world, ['west', 'unit1'], 'demo-allowance', people, { commonDay: '2026-02-01' })
  world.today = day('2026-06-10')
}, 180_000)
afterAll(() => world.close())

const code = (reply: Reply<unknown>) => [reply.status, (reply.body as { code?: string }).code]
const numberOf = async (n: number): Promise<string> => {
  const covers = await (await as(world, 'east-agency')).get<{ memberNumber: string }[]>(
    `/units/${world.demo.units['east-unit1']}/covers`,
  )
  return [...new Set(covers.body.map((each) => each.memberNumber))][n] ?? ''
}
const member = async (n: number): Promise<Client> => {
  const url = `/members/${await numberOf(n)}/sign-in-code`
  const { login, code } = done(await (await as(world, 'east-agency')).post<{ login: string; code: string }>(url))
  return world.as(login, code)
}
const stay = {
  event: {
    kind: 'inpatient_stay',
    dates: { admission: '2026-05-20', discharge: '2026-05-30', settlement: '2026-05-30', diagnosis: '2026-05-21' },
    bill: { total: 3_000_000, in_scope_self_pay: 400_000 },
    days: { inpatient: 10 },
    codes: { diagnosis: 'J18', severity: 'mild', cause: 'disease', hospital_level: 3 },
  },
  nameInNotice: true,
  payee: { name: '某人', account: '6222020000000012', branch: '示范银行' },
}
interface Filed {
  readonly eventId: number
  readonly items: number[]
  readonly number: string
}
interface Shown {
  readonly employment: {
    asked: boolean
    answer: { ours: boolean; by: string; on: string; reason: string | null } | null
  }
}
const file = async (client: Client): Promise<Filed> => done(await client.post<Filed>('/claims', stay))
const reviewed = async (client: Client, filed: Filed): Promise<number> => {
  for (const kind of ['出院记录', '医保结算单'])
    done(await client.upload(`/claims/${filed.eventId}/papers`, pdf(`${kind}${filed.eventId}`), { kind }))
  const [item = 0] = filed.items
  done(await (await as(world, 'east-agency')).post(`/claim-items/${item}/review`, { verdict: 'pass' }))
  return item
}
const toConfirm = async (login: string) =>
  done(await (await as(world, login)).get<{ eventId: number }[]>('/employment-to-confirm'))
const confirm = async (login: string, eventId: number, said: object) =>
  (await as(world, login)).post<{ answer: number }>(`/claims/${eventId}/employment`, said)
const yes = { ours: true, employment: 'employed' }

test('a unit is asked about a claim its member filed herself: number, masked name, member number and day, nothing else', async () => {
  const filed = await file(await member(0))
  expect(await toConfirm('east-unit1')).toEqual([
    {
      eventId: filed.eventId,
      eventNumber: filed.number,
      name: expect.stringMatching(/^.\*+$/),
      memberNumber: await numberOf(0),
      filedOn: '2026-06-10',
    },
  ])
  expect(await toConfirm('east-unit2')).toEqual([])
  expect(code(await confirm('east-unit2', filed.eventId, yes))).toEqual([404, 'claim_not_found'])
  expect(code(await (await as(world, 'east-agency')).get('/employment-to-confirm'))).toEqual([403, 'not_allowed'])

  // The item that the west decides is answered for by the unit there, which the east never hears of.
  expect(code(await confirm('west-unit1', filed.eventId, yes))).toEqual([404, 'claim_not_found'])
  await world.deliver()
  expect((await toConfirm('west-unit1')).map((each) => each.eventId)).toEqual([filed.eventId])
  expect(done(await confirm('east-unit1', filed.eventId, yes))).toEqual({ answer: 1 })
  expect(await toConfirm('east-unit1')).toEqual([])
  expect(await toConfirm('west-unit1')).toHaveLength(1)
  const left = { ours: true, employment: 'left', leftOn: '2026-06-01', reason: '六月辞职' }
  expect(done(await confirm('west-unit1', filed.eventId, left))).toEqual({ answer: 1 })
  const { rows } = await world.base.owner.query(
    `select office_id, employment from claims.employment_answer where event_id = $1 order by office_id`,
    [filed.eventId],
  )
  expect(rows).toEqual([
    { office_id: 2, employment: 'employed' },
    { office_id: 3, employment: 'left' },
  ])
})

test('an answer is whole or refused; it is given once, also by two at once, and corrected only by naming it', async () => {
  const filed = await file(await member(1))
  const say = (said: object) => confirm('east-unit1', filed.eventId, said)
  for (const said of [
    { ours: true },
    { ours: false, employment: 'employed', reason: '不是本单位的人' },
    { ours: true, employment: 'left', reason: '去年已经离职' },
    { ours: true, employment: 'employed', leftOn: '2026-06-01' },
  ])
    expect(code(await say(said)), JSON.stringify(said)).toEqual([422, 'employment_incomplete'])
  expect(code(await say({ ours: false }))).toEqual([422, 'employment_reason_needed'])
  expect(code(await say({ ours: false, reason: '不是 ' }))).toEqual([422, 'employment_reason_needed'])
  const ahead = { ours: true, employment: 'left', leftOn: '2026-06-11', reason: '月底离职' }
  expect(code(await say(ahead))).toEqual([422, 'day_not_come'])

  const both = await Promise.all([say(yes), say({ ours: false, reason: '同名同姓的另一人' })])
  expect(both.map((each) => each.status).sort()).toEqual([201, 409])
  expect(await say(yes)).toMatchObject({
    status: 409,
    body: {
      code: 'employment_already_answered',
      on: '2026-06-10',
      answer: 1,
      message: expect.stringContaining('第 1 次答复'),
    },
  })
  expect(code(await say({ ...yes, corrects: 1 }))).toEqual([422, 'employment_reason_needed'])
  expect(done(await say({ ...yes, corrects: 1, reason: '核对了花名册' }))).toEqual({ answer: 2 })
  expect(code(await say({ ...yes, corrects: 1, reason: '核对了花名册' }))).toEqual([409, 'employment_already_answered'])
  const seen = done(await (await as(world, 'east-reviewer')).get<Shown>(`/claim-items/${filed.items[0]}`))
  expect(seen.employment).toEqual({
    asked: true,
    answer: { ours: true, employment: 'employed', leftOn: null, reason: '核对了花名册', by: '陈丽', on: '2026-06-10' },
  })
  const acts = await world.base.owner.query(
    `select from platform.act where command = 'claims.confirm-employment' and object = $1`,
    [`event:${filed.eventId}`],
  )
  expect(acts.rowCount).toBe(2)
})

test('no answer holds up nothing; an answer against paying asks for a reason, or for the unit to correct it', async () => {
  const decider = await as(world, 'east-decider')
  const decide = (item: number, body: object = {}) => decider.post(`/claim-items/${item}/decision`, body)
  const silent = await member(2)
  const unanswered = await reviewed(silent, await file(silent))
  expect(done(await decider.get<Shown>(`/claim-items/${unanswered}`)).employment).toEqual({ asked: true, answer: null })
  expect((await decide(unanswered)).status).toBe(201)

  const her = await member(3)
  const filed = await file(her)
  const item = await reviewed(her, filed)
  done(await confirm('east-unit1', filed.eventId, { ours: false, reason: '花名册上没有这个人' }))
  expect(await decide(item)).toMatchObject({
    status: 422,
    body: { code: 'unit_contradicts', message: expect.stringContaining('申领人不是本单位的人') },
  })
  expect((await decide(item, { reason: '短' })).status).toBe(400)
  const left = { ours: true, employment: 'left', leftOn: '2026-01-02', reason: '年初已经离职', corrects: 1 }
  done(await confirm('east-unit1', filed.eventId, left))
  expect(await decide(item)).toMatchObject({
    body: { said: expect.stringContaining('已于 2026-01-02 离职，早于保障开始') },
  })
  expect((await decide(item, { reason: '社保记录显示四月仍在职' })).status).toBe(201)
  const { rows } = await world.base.owner.query(
    `select reason from platform.act where command = 'claims.decide' and object = $1`,
    [`item:${item}`],
  )
  expect(rows).toEqual([{ reason: '社保记录显示四月仍在职' }])

  // Who left while covered is paid for what happened then as anybody is.
  const third = await member(4)
  const later = await file(third)
  const open = await reviewed(third, later)
  done(await confirm('east-unit1', later.eventId, { ...left, leftOn: '2026-06-01', corrects: undefined }))
  expect((await decide(open)).status).toBe(201)
})

test('once every item has ended the unit is asked no more', async () => {
  const her = await member(5)
  const filed = await file(her)
  done(await her.post(`/claims/${filed.eventId}/withdrawal`))
  expect((await toConfirm('east-unit1')).map((each) => each.eventId)).not.toContain(filed.eventId)
  expect(code(await confirm('east-unit1', filed.eventId, yes))).toEqual([409, 'employment_not_asked'])
})

test('nobody answers for herself or for her kin', async () => {
  const admin = await as(world, 'east-admin')
  const staff = done(await admin.get<{ id: number; login: string }[]>('/staff'))
  const officer = staff.find((each) => each.login === 'east-unit1')?.id
  const [own, kin] = [await file(await member(6)), await file(await member(7))]
  const reason = '本人申报'
  done(await admin.post(`/staff/${officer}/person`, { memberNumber: await numberOf(6), reason }))
  done(await admin.post(`/staff/${officer}/kin`, { memberNumber: await numberOf(7), relation: 'sibling', reason }))
  expect(code(await confirm('east-unit1', own.eventId, yes))).toEqual([403, 'own_claim'])
  expect(code(await confirm('east-unit1', kin.eventId, yes))).toEqual([403, 'kin_claim'])
  // That she is of his own unit is no bar, also where the office keeps its workers off their units' claims.
  const rule = { from: world.today, ownUnitBarred: true, resolution: '示范决议第一号' }
  done(await admin.post('/duty-rules', rule))
  const other = await file(await member(8))
  expect((await confirm('east-unit1', other.eventId, yes)).status).toBe(201)
})

test('of a claim he filed with her mandate the officer sees which papers are there, missing and asked for; nothing more', async () => {
  const officer = await as(world, 'east-unit1')
  const claim = JSON.stringify({ ...stay, memberNumber: await numberOf(9) })
  const filed = done(await officer.upload<Filed>('/claims/for-member', pdf('委托书'), { claim }))
  done(await officer.upload(`/claims/${filed.eventId}/papers`, pdf('出院'), { kind: '出院记录' }))
  done(await (await as(world, 'east-agency')).post(`/claims/${filed.eventId}/papers-request`))
  expect(done(await officer.get(`/claims/${filed.eventId}`))).toEqual({
    id: filed.eventId,
    number: filed.number,
    filedOn: '2026-06-10',
    stages: ['opened'],
    elsewhere: [],
    papers: ['出院记录'],
    papersMissing: ['医保结算单'],
    asked: { kinds: ['医保结算单'], until: '2026-07-10' },
  })
  // It is not for his unit to confirm, and the reviewer is told that nobody was asked.
  expect((await toConfirm('east-unit1')).map((each) => each.eventId)).not.toContain(filed.eventId)
  expect(code(await confirm('east-unit1', filed.eventId, yes))).toEqual([409, 'employment_not_asked'])
  const seen = done(await (await as(world, 'east-agency')).get<Shown>(`/claim-items/${filed.items[0]}`))
  expect(seen.employment).toEqual({ asked: false, answer: null })
  // Of one she filed herself he sees the stage alone.
  const hers = done(await (await member(8)).get<{ claims: { number: string }[] }>('/me/data'))
  const { rows } = await world.base.owner.query<{ id: number }>('select id from claims.event where number = $1', [
    hers.claims[0]?.number,
  ])
  const stage = done(await officer.get<Record<string, unknown>>(`/claims/${rows[0]?.id}`))
  expect(Object.keys(stage)).toEqual(['id', 'number', 'filedOn', 'stages', 'elsewhere'])
})

test('the database too keeps an answer off a claim that an officer filed, and an office off another one’s answers', async () => {
  const { rows } = await world.base.owner.query<{ id: number; event_id: number; unit_id: number; filed_by: number }>(
    `select id, event_id, unit_id, filed_by from claims.item where filed_by_kind = 'staff' limit 1`,
  )
  const forged = (kind: string) =>
    world.base.owner.query(
      `insert into claims.employment_answer (office_id, event_office_id, event_id, unit_id, sequence, item_id, filed_by_kind, filed_by,
         ours, employment, confirmed_by, confirmed_on, confirmed_at)
       values (2, 2, $1, $2, 1, $3, $4, $5, true, 'employed', $5, '2026-06-10', now())`,
      [rows[0]?.event_id, rows[0]?.unit_id, rows[0]?.id, kind, rows[0]?.filed_by],
    )
  await expect(forged('staff')).rejects.toThrow('check constraint')
  await expect(forged('member')).rejects.toThrow('foreign key')
  expect((await doctor(world.base.owner, world.today)).filter((answer) => answer.rows > 0)).toEqual([])
})
