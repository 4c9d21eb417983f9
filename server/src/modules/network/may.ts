import type { FastifyReply, FastifyRequest } from 'fastify'
import { reply } from '#platform/http/http.ts'
import { mayDo, type Permit } from './roles.ts'

/** The edge's question, before input is looked at: does this role have the right at all? */
export const may =
  (...anyOf: readonly Permit[]) =>
  async (req: FastifyRequest, res: FastifyReply): Promise<FastifyReply | undefined> =>
    anyOf.some((permit) => mayDo(req.ctx.actor.role, permit))
      ? undefined
      : reply(res, { ok: false, refused: { code: 'not_allowed' } })
