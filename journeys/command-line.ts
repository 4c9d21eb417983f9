import { expect } from 'vitest'
import { saveToken } from '../cli/connection.ts'
import { main } from '../cli/tongzhou.ts'
import { demoPassword } from '../server/src/seed/demonstration.ts'
import { tempDir, type World } from './world.ts'

/** The command line in this process, at a world's own address: what is typed as somebody who signed in, and what it says. */
export const commandLine = async (world: World) => {
  const address = await world.app.listen({ host: '127.0.0.1', port: 0 })
  const dir = await tempDir()
  process.env.TONGZHOU_DIR = dir
  const run = async (as: string, words: readonly string[]): Promise<{ code: number; said: string }> => {
    const out: string[] = []
    const say = (line: string) => out.push(line)
    const code = await main([...words, '--as', as], { out: say, err: say })
    return { code, said: out.join('\n') }
  }
  return {
    dir,
    signIn: async (login: string, password = demoPassword): Promise<void> => {
      const { body } = await world.anybody.post('/sign-in', { login, password })
      await saveToken(dir, login, body as { token: string; name: string; role: string }, address)
    },
    type: async (as: string, ...words: string[]): Promise<string> => {
      const { code, said } = await run(as, words)
      expect(code, said).toBe(0)
      return said
    },
    exitOf: async (as: string, ...words: string[]): Promise<number> => (await run(as, words)).code,
    close: (): void => {
      delete process.env.TONGZHOU_DIR
    },
  }
}
