import iconv from 'iconv-lite'
import { assert } from '#kernel/assert.ts'
import { day } from '#kernel/days.ts'
import { enrol, pdf, peopleFrom, type Reply, type World } from './world.ts'

const done = <T>(reply: Reply<T>): T => {
  assert(reply.status < 300, `refused: ${JSON.stringify(reply.body)}`)
  return reply.body
}

/**
 * Some members of one unit enrolled, ill, decided by two levels, paid by the bank and published: what an office leaves
 * behind in every table that matters. Ends on 20 July 2026.
 */
export const benefitsPaid = async (world: World, { claims = 3, start = 300_000 } = {}): Promise<void> => {
  await enrol(world, 'east', 'unit2', 'demo-critical', peopleFrom(start, 12), { shares: 1 })
  world.today = day('2026-07-20')
  const [unit, agency, decider, finance, releaser] = [
    await world.as('east-unit2'),
    await world.as('east-agency'),
    await world.as('east-decider'),
    await world.as('east-finance'),
    await world.as('east-releaser'),
  ]
  const covers = done(await agency.get<{ memberNumber: string }[]>(`/units/${world.demo.units['east-unit2']}/covers`))
  for (const { memberNumber } of covers.slice(0, claims)) {
    const claim = {
      memberNumber,
      event: {
        kind: 'diagnosis',
        dates: { diagnosis: '2026-07-03' },
        codes: { diagnosis: 'C34', severity: 'severe', cause: 'disease' },
      },
      nameInNotice: true,
      payee: { name: '某人', account: '6222020000000012', branch: '示范银行' },
    }
    const filed = done(
      await unit.upload<{ eventId: number; items: number[] }>('/claims/for-member', pdf(memberNumber), {
        claim: JSON.stringify(claim),
      }),
    )
    done(await unit.upload(`/claims/${filed.eventId}/papers`, pdf(`病理 ${memberNumber}`), { kind: '病理报告' }))
    done(await agency.post(`/claim-items/${filed.items[0]}/review`, { verdict: 'pass' }))
    done(await decider.post(`/claim-items/${filed.items[0]}/decision`))
  }
  const { batchId } = done(await finance.post<{ batchId: number }>('/payment-batches'))
  done(await releaser.post(`/payment-batches/${batchId}/release`))
  const text = iconv.decode((await releaser.get(`/payment-batches/${batchId}/file`)).raw, 'gb18030')
  const references = [...text.matchAll(/(?<=,)\d+-\d+-1(?=,)/g)].map((match) => match[0])
  const answer = ['参考号,金额,结果,原因', ...references.map((reference) => `${reference},10000.00,成功,`)].join('\n')
  done(await releaser.upload(`/payment-batches/${batchId}/answers`, iconv.encode(answer, 'gb18030')))
  done(await decider.post('/notice-lists'))
  await world.deliver()
}
