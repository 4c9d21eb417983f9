import iconv from 'iconv-lite'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { day, daysBetween } from '#kernel/days.ts'
import { commandLine } from './command-line.ts'
import { as, coverPaid, done, type Office } from './steps.ts'
import { type Client, openWorld, pdf, peopleFrom, type Reply, type World } from './world.ts'

// A member is told of each act that others did for or about her: in a sentence, when, and who; what is new is marked until she
// says she has read it; and never a word of anybody else.

let world: World
const people = peopleFrom(80_000, 8)
beforeAll(async () => {
  world = await openWorld(day('2026-01-05'))
  await coverPaid(world, ['east', 'unit1'], 'demo-critical', people, { shares: 1 })
  await coverPaid(world, ['west', 'unit1'], 'demo-allowance', people, { commonDay: '2026-02-01' })
  world.today = day('2026-06-10')
}, 180_000)
afterAll(() => world.close())

interface Acts {
  readonly acts: {
    line: string
    on: string
    who: { role: string | null; place: string; name: string | null }
    what: string
    claim: string | null
    isNew: boolean
  }[]
  readonly newActs: number
  readonly newest: string | null
}
interface Key {
  readonly login: string
  readonly code: string
}
interface Filed {
  readonly eventId: number
  readonly items: number[]
  readonly number: string
}
const code = (reply: Reply<unknown>) => [reply.status, (reply.body as { code?: string }).code]
const on = (date: string): void => {
  world.today = day(date)
}
const numberOf = async (n: number): Promise<string> => {
  const covers = await (await as(world, 'east-agency')).get<{ memberNumber: string }[]>(
    `/units/${world.demo.units['east-unit1']}/covers`,
  )
  return covers.body[n]?.memberNumber ?? ''
}
const keyOf = async (n: number, office: Office = 'east'): Promise<Key> =>
  done(await (await as(world, `${office}-agency`)).post<Key>(`/members/${await numberOf(n)}/sign-in-code`))
const enter = ({ login, code }: Key): Promise<Client> => world.as(login, code)
const acts = async (client: Client): Promise<Acts> => done(await client.get<Acts>('/me/acts'))
const sentences = async (client: Client) => (await acts(client)).acts.map((act) => `${act.on} ${act.what}`)
const payee = { name: '某人', account: '6222020000000012', branch: '示范银行' }
const stay = (from: string, until: string) => ({
  event: {
    kind: 'inpatient_stay',
    dates: { admission: from, discharge: until, settlement: until, diagnosis: from },
    bill: { total: 3_000_000, in_scope_self_pay: 400_000 },
    days: { inpatient: daysBetween(day(from), day(until)) },
    codes: { diagnosis: 'C34', severity: 'severe', cause: 'disease', hospital_level: 3 },
  },
  nameInNotice: true,
  payee,
})
const fileFor = async (n: number, claim: object): Promise<Filed> => {
  const form = { claim: JSON.stringify({ ...claim, memberNumber: await numberOf(n) }) }
  return done(await (await as(world, 'east-unit1')).upload<Filed>('/claims/for-member', pdf(`委托书${n}`), form))
}
const answerOf = (line: string) => iconv.encode(`参考号,金额,结果,原因\r\n${line}`, 'gb18030')
/** One due goes to the bank, and the bank answers. */
const sent = async (result: string): Promise<string> => {
  const [finance, releaser] = [await as(world, 'east-finance'), await as(world, 'east-releaser')]
  const { batchId } = done(await finance.post<{ batchId: number }>('/payment-batches'))
  done(await releaser.post(`/payment-batches/${batchId}/release`))
  const text = iconv.decode((await releaser.get(`/payment-batches/${batchId}/file`)).raw, 'gb18030')
  const reference = /(?<=,)\d+-\d+-\d(?=,)/.exec(text)?.[0] ?? ''
  done(await releaser.upload(`/payment-batches/${batchId}/answers`, answerOf(`${reference},10000.00,${result}`)))
  await world.deliver()
  return reference.split('-')[1] ?? ''
}

let her: Key
let filed: Filed

test('from her cover to her money: each act is told in a sentence, newest first, with when and who', async () => {
  her = await keyOf(0)
  on('2026-06-11')
  filed = await fileFor(0, stay('2026-05-20', '2026-05-30'))
  on('2026-06-12')
  await world.deliver()
  done(await (await as(world, 'east-agency')).post(`/claims/${filed.eventId}/papers-request`))
  for (const kind of ['病理报告', '出院记录'])
    done(await (await as(world, 'east-unit1')).upload(`/claims/${filed.eventId}/papers`, pdf(kind), { kind }))
  on('2026-06-13')
  const reveal = { what: 'paper', purpose: '核对医保结算单' }
  done(await (await as(world, 'east-agency')).post(`/members/${await numberOf(0)}/reveal`, reveal))
  on('2026-06-14')
  done(await (await as(world, 'east-agency')).post(`/claim-items/${filed.items[0]}/review`, { verdict: 'pass' }))
  done(await (await as(world, 'east-decider')).post(`/claim-items/${filed.items[0]}/decision`))
  on('2026-06-15')
  const dueId = await sent('失败,账号户名不符')
  on('2026-06-16')
  const account = { ...payee, account: '6222020000000099', reason: '账号抄错' }
  done(await (await as(world, 'east-finance')).post(`/payment-dues/${dueId}/account`, account))
  on('2026-06-17')
  await sent('成功,')
  const claim = `您的申领 ${filed.number}`
  const letter = expect.stringMatching(
    new RegExp(`^2026-06-14 示范东办事处的决定人对${claim} 作出决定：给付 10,000.00 元，决定书 JD2026-2-\\d+。$`),
  )
  expect(await sentences(await enter(her))).toEqual([
    `2026-06-17 示范东办事处付出了${claim} 的互助金 10,000.00 元。`,
    `2026-06-16 示范东办事处的财务人员更正了${claim} 的收款账户，理由：账号抄错。`,
    letter,
    '2026-06-13 东市第一代办处的经办人王敏看了您完整的证件号码，用途：核对医保结算单。',
    `2026-06-12 示范机械厂的单位工会经办人替${claim} 交了一份材料：出院记录。`,
    `2026-06-12 示范机械厂的单位工会经办人替${claim} 交了一份材料：病理报告。`,
    `2026-06-12 东市第一代办处的经办人告诉您：${claim} 还缺材料 病理报告，请在 2026年7月12日 前交齐。`,
    `2026-06-11 示范机械厂的单位工会经办人凭您签名的委托书，替您报了申领 ${filed.number}。`,
    '2026-06-10 东市第一代办处的经办人核对证件后，给您发了新的登录码。',
    '2026-01-05 示范机械厂为您参加了“重大疾病互助保障（示范）”，保障从 2026年1月6日 到 2027年1月5日。',
  ])
})

test('what is new is said at the door and stays new until she says she has read it', async () => {
  const signedIn = done(await world.anybody.post<{ newActs: number }>('/sign-in', { ...her, password: her.code }))
  expect(signedIn.newActs).toBe(10)
  const client = await enter(her)
  const newOnes = async () => done(await client.get<{ newActs: number }>('/me')).newActs
  const list = await acts(client)
  expect(list).toMatchObject({ newActs: 10, newest: `10.${list.acts[0]?.line}` })
  expect(await newOnes()).toBe(10)

  // Only up to what she saw: the five oldest.
  const read = (newest: string | null | undefined) => client.post<{ newActs: number }>('/me/acts/read', { newest })
  expect(done(await read(`5.${list.acts[5]?.line}`))).toEqual({ newActs: 5 })
  expect((await acts(client)).acts.map((act) => act.isNew)).toEqual([...Array(5).fill(true), ...Array(5).fill(false)])
  // Not what is no list of hers.
  for (const newest of ['11.a1', `9.${list.newest?.slice(3)}`, `10.${list.acts[3]?.line}`, '999999.c1'])
    expect(code(await read(newest)), newest).toEqual([409, 'acts_changed'])
  for (const newest of ['', '0.a1', 'a1', '1.', null, "1.a1'--"]) expect((await read(newest)).status).toBe(400)

  // An act that was begun earlier and is seen later comes among the others: it is not passed over.
  await world.base.owner.query(
    `insert into platform.act (office_id, id, at, actor_kind, actor_id, role, command, object, request_id)
     select office_id, id + 500000000, at - interval '1 day', actor_kind, actor_id, role, command, object, request_id from platform.act
      where command = 'privacy.reveal'`,
  )
  expect(code(await read(list.newest))).toEqual([409, 'acts_changed'])
  const again = await acts(client)
  expect(again.newActs).toBe(6)
  const both = await Promise.all([read(again.newest), read(again.newest)])
  expect(both.map(done)).toEqual([{ newActs: 0 }, { newActs: 0 }])
  expect(await newOnes()).toBe(0)
  const { rows } = await world.base.owner.query<{ n: number }>('select count(*)::int as n from privacy.told')
  expect(rows).toEqual([{ n: 11 }])
  // Whoever works here has no such list, and is told of none.
  const agency = await as(world, 'east-agency')
  expect(code(await agency.get('/me/acts'))).toEqual([403, 'not_allowed'])
  expect(done(await agency.get('/me'))).not.toHaveProperty('newActs')
})

test('decided in another office: there she reads it whole, here that it was decided', async () => {
  const west = await enter(await keyOf(0, 'west'))
  const items = done(await (await as(world, 'west-agency')).get<{ id: number }[]>('/claim-items?stage=opened'))
  const item = items[0]?.id
  done(await (await as(world, 'west-agency')).post(`/claim-items/${item}/review`, { verdict: 'pass' }))
  done(await (await as(world, 'west-decider')).post(`/claim-items/${item}/decision`))
  await world.deliver()
  expect(await sentences(west)).toEqual([
    expect.stringContaining(`示范西办事处的决定人对您的申领 ${filed.number} 作出决定：给付 `),
    '2026-06-17 西市第一服务处的经办人核对证件后，给您发了新的登录码。',
    expect.stringContaining('为您参加了'),
  ])
  const here = await acts(await enter(her))
  expect(here.newActs).toBe(1)
  expect(here.acts[0]).toMatchObject({
    what: `您的申领 ${filed.number} 在另一个办事处的项目已经作出决定，详情请登录那个办事处看。`,
    claim: filed.number,
    isNew: true,
  })
})

test('what her unit answered, and what was taken back for her, are told too; her own doing is not', async () => {
  const key = await keyOf(1)
  on('2026-06-18')
  const herself = await enter(key)
  const own = done(await herself.post<Filed>('/claims', stay('2026-06-01', '2026-06-09')))
  done(await herself.upload(`/claims/${own.eventId}/papers`, pdf('自己交'), { kind: '出院记录' }))
  const unit = await as(world, 'east-unit1')
  const url = `/claims/${own.eventId}/employment`
  done(await unit.post(url, { ours: true, employment: 'left', leftOn: '2026-06-10', reason: '六月辞职' }))
  on('2026-06-19')
  done(
    await (await as(world, 'east-unit1')).post(url, {
      ours: true,
      employment: 'employed',
      reason: '查错了人',
      corrects: 1,
    }),
  )
  on('2026-06-20')
  const second = await fileFor(1, stay('2026-06-11', '2026-06-15'))
  done(await (await as(world, 'east-unit1')).post(`/claims/${second.eventId}/withdrawal`))
  const told = await sentences(await enter(key))
  expect(told.slice(0, 4)).toEqual([
    `2026-06-20 示范机械厂的单位工会经办人替您撤回了申领 ${second.number}。`,
    `2026-06-20 示范机械厂的单位工会经办人凭您签名的委托书，替您报了申领 ${second.number}。`,
    `2026-06-19 示范机械厂的单位工会经办人核实了您的申领 ${own.number}：您是本单位的人，在职，理由：查错了人。`,
    `2026-06-18 示范机械厂的单位工会经办人核实了您的申领 ${own.number}：说您已于 2026年6月10日 离职，理由：六月辞职。`,
  ])
  expect(told).toHaveLength(6)

  // The copy of her data has the same lines, and what her unit wrote.
  const data = done(await (await enter(key)).get<Acts & { unitAnswers: object[] }>('/me/data'))
  expect(data.acts.map((act) => `${act.on} ${act.what}`)).toEqual(told)
  expect(data.unitAnswers).toMatchObject([{ claim: own.number, leftOn: '2026-06-10' }, { employment: 'employed' }])
})

test('never another one’s: no line of one member is found with another, and no number, name or worker of anybody', async () => {
  const lists = await Promise.all([her, await keyOf(1), await keyOf(2)].map(async (key) => acts(await enter(key))))
  const lines = lists.flatMap((list) => list.acts.map((act) => act.line))
  expect(new Set(lines).size).toBe(lines.length)
  expect(lists[2]?.acts).toHaveLength(2)
  const text = JSON.stringify(lists)
  for (const { name, paper } of people) for (const secret of [name, paper]) expect(text).not.toContain(secret)
  const named = lists.flatMap((list) => list.acts.filter((act) => act.who.name !== null))
  expect(new Set(named.map((act) => act.who.name))).toEqual(new Set(['王敏']))
  for (const worker of ['陈丽', '赵静', '李明', '孙洋', '吴杰']) expect(text).not.toContain(worker)
})

test('on the command line: the list, what is new in it, and that it was read', async () => {
  const line = await commandLine(world)
  const key = await keyOf(3)
  await line.signIn(key.login, key.code)
  expect(await line.type(key.login, 'who-am-i')).toContain('有 2 件别人替您办的事，您还没看过：tongzhou mine acts')
  expect(await line.type(key.login, 'mine', 'acts')).toMatch(
    /^共 2 件，其中新的 2 件（标 \* 的）：\n\* 2026-06-20 {2}东市第一代办处的经办人/,
  )
  expect(await line.type(key.login, 'mine', 'acts', '--read')).toContain('已记下：以上都看过了。')
  expect(await line.type(key.login, 'mine', 'acts')).toMatch(/^共 2 件，没有新的：\n {2}2026-06-20/)
  expect(await line.type(key.login, 'who-am-i')).not.toContain('还没看过')

  const herself = await enter(key)
  const own = done(await herself.post<Filed>('/claims', stay('2026-06-01', '2026-06-09')))
  for (const login of ['east-unit1', 'east-unit2', 'east-agency']) await line.signIn(login)
  expect(await line.type('east-unit2', 'claim', 'to-confirm')).toBe('没有要核实的申领。')
  expect(await line.type('east-unit1', 'claim', 'to-confirm')).toContain(own.number)
  expect(await line.exitOf('east-unit1', 'claim', 'confirm', 'last', '--employed', '--not-ours')).toBe(2)
  expect(await line.type('east-unit1', 'claim', 'confirm', 'last', '--employed')).toContain('第 1 次')
  const item = await line.type('east-agency', 'claim', 'item', String(own.items[0]))
  expect(item).toContain('单位核实：是本单位的人，在职  陈丽 2026-06-20')
  line.close()
})

test('a forgotten member reads the same list: it holds nothing that went with her key', async () => {
  const key = await keyOf(4)
  const closed = await fileFor(4, stay('2026-06-11', '2026-06-15'))
  await world.deliver()
  done(await (await as(world, 'east-unit1')).post(`/claims/${closed.eventId}/withdrawal`))
  await world.deliver()
  const before = await sentences(await enter(key))
  expect(before).toHaveLength(4)
  on('2028-01-10')
  const number = await numberOf(4)
  done(await (await as(world, 'east-admin')).post(`/members/${number}/key-destruction`, { reason: '会员书面要求' }))
  const client = await enter(key)
  expect(await sentences(client)).toEqual(before)
  expect(done(await client.get<{ me: { name: string } }>('/me/data')).me.name).toBe('')
  const list = await acts(client)
  expect(done(await client.post('/me/acts/read', { newest: list.newest }))).toEqual({ newActs: 0 })
})
