// The pure door: no node:, pg or platform import is reached from here, so a browser can replay what an office decided.
export { type Assessment, assess, engine, type Instalment } from './assess.ts'
export { type Counterfactual, counterfactuals } from './counterfactual.ts'
export { type CompileRefused, compile, type Edition, figureOn, numberOn, type Problem, problemText } from './edition.ts'
export { clauseName, explain, explainPlainly, factName, type Line, reasonText } from './explain.ts'
export type { Case, CoverTerms, Earlier, Facts, PersonFacts, Reason } from './facts.ts'
export {
  classOf,
  feeFor,
  feeForRest,
  feeOf,
  firstDayFor,
  isContinuous,
  type JoinDefect,
  type Joiner,
  keyDatesOf,
  lastClaimDay,
  openOn,
  participationNeeded,
  payersOf,
  principalOwed,
  returnedEarly,
  termStarting,
  whoMayJoin,
} from './joining.ts'
export { type DecisionRecord, recordOfDecision, replay } from './replay.ts'
export type { Record_ } from './workings.ts'
