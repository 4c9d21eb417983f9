import { afterAll, beforeAll, expect, test } from 'vitest'
import { day } from '#kernel/days.ts'
import { openWorld, type World } from '../journeys/world.ts'
import { appointWatcher } from '../server/src/modules/network/staff.ts'
import { confirmStop, orderStop } from '../server/src/modules/network/stops.ts'
import { assess, engine, replay } from '../server/src/modules/plans/core.ts'
import { readPlan } from '../server/src/modules/plans/index.ts'
import { testContext } from './database.ts'

// Asking for what is not there, or for the second time: a code and a sentence, whoever asks.

let world: World
beforeAll(async () => {
  world = await openWorld(day('2026-03-02'))
})
afterAll(() => world.close())

test('staff, appointments, sessions and second steps that are not there', async () => {
  const admin = await world.as('east-admin')
  const reason = '核对后发现'
  expect(await admin.post('/staff/999999999/password-reset', { reason })).toMatchObject({
    status: 404,
    body: { code: 'staff_not_found' },
  })
  expect(await admin.post('/appointments/999999999/end', { on: '2026-03-05', reason })).toMatchObject({
    status: 404,
    body: { code: 'appointment_not_found' },
  })
  const { body: sessions } = await admin.get<{ id: string | number }[]>('/me/sessions')
  expect(sessions.length).toBeGreaterThan(0)
  expect(await admin.post('/me/sessions/999999999/end')).toMatchObject({ body: { code: 'session_not_found' } })
  const officer = await world.as('east-unit1')
  expect(await officer.post('/me/second-step/confirmation', { code: '123456' })).toMatchObject({
    body: { code: 'second_step_missing' },
  })
})

test('a watcher for an office that is not there', async () => {
  const head = testContext(world.base, { office: 1, actor: { role: 'administrator' } })
  expect(
    await appointWatcher(head, {
      watchedOfficeId: 99,
      name: '郑华',
      login: 'nowhere-watcher',
      role: 'supervisory_board',
      from: day('2026-03-02'),
      resolution: '示范决议一号',
      reason: '按决议任命',
    }),
  ).toMatchObject({ ok: false, refused: { code: 'office_not_found' } })
})

test('a stop names its plan, is confirmed once, and has to be there', async () => {
  const by = (id: number) => testContext(world.base, { office: 2, actor: { id, role: 'office_decider' } })
  const reason = '对账发现异常'
  expect(await orderStop(by(1), { what: 'plan', reason })).toMatchObject({ refused: { code: 'stop_plan_needed' } })
  expect(await orderStop(by(1), { what: 'plan', plan: 'demo-criticl', reason })).toMatchObject({
    refused: { code: 'stop_plan_unknown' },
  })
  const ordered = await orderStop(by(1), { what: 'payments', reason })
  const stopId = ordered.ok ? ordered.value.stopId : 0
  expect(await confirmStop(by(2), { stopId })).toMatchObject({ ok: true })
  expect(await confirmStop(by(3), { stopId })).toMatchObject({ refused: { code: 'stop_step_done' } })
  expect(await confirmStop(by(3), { stopId: 999_999_999 })).toMatchObject({ refused: { code: 'stop_not_found' } })
})

test('a decision by another engine, or of a part that its edition has not, is not judged', async () => {
  expect(replay({ kind: 'tongzhou-decision/1', engine: 'older-1' } as never)).toMatchObject({
    ok: false,
    refused: { code: 'engine_unknown' },
  })
  const files = await readPlan('plans/demo-hospital')
  const [file] = files.ok ? files.value : []
  const facts = {
    cover: { coverId: 1, from: '2026-01-01', until: '2027-01-01', shares: 1, continuous: false },
    event: { kind: 'inpatient_stay', dates: { discharge: '2026-07-10' }, bill: {} },
    eventKey: 'now',
    earlier: [],
  } as const
  expect(file && assess(file.edition, facts).length).toBeGreaterThan(0)
  const record = { kind: 'tongzhou-decision/1', engine, edition: file, case: facts, part: 'no-such-part', workings: [] }
  expect(replay(record as never)).toMatchObject({ ok: false, refused: { code: 'part_unknown' } })
})
