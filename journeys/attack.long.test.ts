import { afterAll, beforeAll, expect, test } from 'vitest'
import { attack, attackersOf, fingerprint, hostileRequests } from './attacks.ts'
import { type FullWorld, openFullWorld } from './places.ts'

// Five thousand hostile requests, of ten seeds: npm run test:long.

let world: FullWorld
beforeAll(async () => {
  world = await openFullWorld()
}, 240_000)
afterAll(() => world.close())

test('5,000 hostile requests: none breaks the server, none that is refused changes anything', async () => {
  const attackers = await attackersOf(world)
  const neighbour = await fingerprint(world, 3)
  for (let seed = 1; seed <= 10; seed += 1) {
    const outcome = await attack(world, await hostileRequests(world, attackers, { seed, count: 500 }))
    expect(outcome.broken, `seed ${seed}`).toEqual([])
    expect(outcome.changed, `seed ${seed}`).toEqual([])
    expect(outcome.slow, `seed ${seed}`).toEqual([])
  }
  expect(await fingerprint(world, 3)).toEqual(neighbour)
}, 1_800_000)
