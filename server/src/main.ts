import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openInstallation } from '#platform/postgres/index.ts'
import { configurationFrom } from './configuration.ts'

const say = (line: string) => process.stdout.write(`${line}\n`)

const configuration = configurationFrom(process.env)
if ('length' in configuration) {
  for (const problem of configuration) process.stderr.write(`${problem}\n`)
  process.exit(2)
}

try {
  // The database starts while the application is still being loaded.
  const installation = openInstallation(configuration)
  installation.catch(() => {}) // said where it is waited for
  const { makeRunning } = await import('./running.ts')
  const running = await makeRunning(configuration, say, installation)
  const address = await running.app.listen({ host: configuration.host, port: configuration.port })
  running.worker.start()
  const card = join(configuration.dir, 'server.json')
  await mkdir(configuration.dir, { recursive: true, mode: 0o700 })
  await writeFile(card, JSON.stringify({ address, pid: process.pid }), { mode: 0o600 })
  say(`同舟已启动 Tongzhou is running: ${address}`)
  say(`  信息公开 ${address}/    接口说明 ${address}/reference    停止：Ctrl-C`)
  if (configuration.demonstration) {
    const { demoPassword, demoStaff, offices } = await import('./seed/demonstration.ts')
    say(`示范登录（密码都是 ${demoPassword}）Demonstration sign-ins:`)
    for (const office of offices)
      say(
        `  ${office.name}: ${demoStaff(office.key)
          .map((staff) => staff.login)
          .join(' ')}`,
      )
  }
  let stopping = false
  const stop = async () => {
    if (stopping) return
    stopping = true
    say('正在停止，数据是完整的：等手上的请求做完……')
    // Whoever is still sending after half a minute is let go; what was not committed never happened.
    setTimeout(() => process.exit(1), 30_000).unref()
    // Another server on this folder, started later, has put its own card there.
    const shown = JSON.parse(await readFile(card, 'utf8').catch(() => '{}')) as { pid?: number }
    if (shown.pid === process.pid) await rm(card, { force: true })
    await running.stop()
    process.exit(0)
  }
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
} catch (error) {
  const known = error instanceof Error && ['PostgresRefused', 'MigrationRefused', 'StartRefused'].includes(error.name)
  const { code, path } = error as NodeJS.ErrnoException
  const noFolder =
    path !== undefined && ['ENOTDIR', 'EEXIST', 'EACCES', 'EPERM', 'EROFS', 'ENOENT'].includes(code ?? '')
  process.stderr.write(
    code === 'EADDRINUSE'
      ? `端口 ${configuration.port} 已被占用：请先停止用它的程序（也许是另一个同舟），或用 PORT=… 换一个端口。\n`
      : noFolder
        ? `用不了 ${path}：TONGZHOU_DIR 要是一个可以写入的文件夹。It must be a folder that can be written.（${code}）\n`
        : known
          ? `${(error as Error).message}\n`
          : `${(error as Error).stack}\n`,
  )
  process.exit(1)
}
