import { afterAll, beforeAll, expect, test } from 'vitest'
import { day } from '#kernel/days.ts'
import { openWorld, type World } from '../../../../journeys/world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld(day('2026-03-02'))
})
afterAll(() => world.close())

test('every reply, a page, a refusal and an unknown address too, carries the headers that guard it', async () => {
  for (const url of ['/', '/units', '/no-such-page', '/tongzhou.css']) {
    const { headers } = await world.app.inject({ url })
    expect(headers, url).toMatchObject({
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'SAMEORIGIN',
      'referrer-policy': 'no-referrer',
    })
    expect(headers['content-security-policy'], url).toContain("script-src 'self'")
    expect(headers['strict-transport-security'], url).toContain('max-age')
  }
})
