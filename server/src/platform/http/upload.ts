import type { FastifyRequest } from 'fastify'
import type { z } from 'zod'
import { ok, type Refused, type Result, refuse } from '#kernel/result.ts'
import type { Context } from '../database/index.ts'
import { fieldProblems } from './field-problems.ts'
import { unkeepable } from './plain-text.ts'

/** The context with what is asked under its repeat key: the key answers for that and for nothing else. */
export const askedFor = (req: FastifyRequest, body: string): Context => {
  const asked = req.ctx.services.vault.hash('request', `${req.method} ${req.url} ${body}`)
  return { ...req.ctx, asked }
}

/** One file and some fields of a form, whole in memory (size-limited by the server); the fields parsed by `shape`. */
export const upload = async <S extends z.ZodType>(
  req: FastifyRequest,
  shape: S,
): Promise<Result<{ file: Buffer; filename: string; fields: z.infer<S> }, Refused>> => {
  if (!req.isMultipart()) return refuse({ code: 'file_missing' })
  const fields: Record<string, string> = Object.create(null)
  let file: Buffer | null = null
  let filename = ''
  for await (const part of req.parts()) {
    if (part.type === 'file') {
      file = await part.toBuffer()
      filename = part.filename
    } else if (typeof part.value === 'string') fields[part.fieldname] = part.value
  }
  const odd = unkeepable(fields)
  if (odd !== null)
    return refuse({ code: 'input_not_understood', fields: [{ field: odd.slice(0, 100), problem: '有不能保存的字符' }] })
  if (!file || file.length === 0) return refuse({ code: 'file_missing' })
  const parsed = shape.safeParse(fields)
  if (!parsed.success) return refuse({ code: 'input_not_understood', fields: fieldProblems(parsed.error.issues) })
  if (req.ctx?.idempotencyKey)
    req.ctx = askedFor(req, `${JSON.stringify(fields)} ${req.ctx.services.files.contentHash(file).toString('hex')}`)
  return ok({ file, filename, fields: parsed.data })
}
