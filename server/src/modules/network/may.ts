import type { FastifyReply, FastifyRequest } from 'fastify'
import { reply } from '#platform/http/http.ts'
import { mayDo, type Permit, permitsAbout } from './roles.ts'

/** A route's question, and by which permits it may be answered: read by the edge, the reference and the test of rights. */
export interface Asks {
  (req: FastifyRequest, res: FastifyReply): Promise<FastifyReply | undefined>
  readonly permits: readonly Permit[]
}

/** The edge's question, before input is looked at: does this role have the right, and was the second step made for it? */
export const may = (...anyOf: readonly Permit[]): Asks =>
  Object.assign(
    async (req: FastifyRequest, res: FastifyReply): Promise<FastifyReply | undefined> => {
      const held = anyOf.filter((permit) => mayDo(req.ctx.actor.role, permit))
      if (held.length === 0) return reply(res, { ok: false, refused: { code: 'not_allowed' } })
      if (req.passwordIsTemporary && !held.includes('own.account'))
        return reply(res, { ok: false, refused: { code: 'change_password_first' } })
      if (!req.secondStepDone && held.some((permit) => permitsAbout[permit].secondStep))
        return reply(res, { ok: false, refused: { code: 'second_step_needed' } })
      return undefined
    },
    { permits: anyOf },
  )
