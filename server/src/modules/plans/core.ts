// The pure door: no node:, pg or platform import is reached from here, so a browser can replay what an office decided.
export {
  type Assessment,
  assess,
  type Case,
  type CoverTerms,
  type Earlier,
  engine,
  type Facts,
  type Reason,
  type Record_,
} from './assess.ts'
export { type CompileRefused, compile, type Edition, figureOn, numberOn, type Problem } from './edition.ts'
export { clauseName, explain, factName, type Line, reasonText } from './explain.ts'
export { feeOf, isContinuous, type Joiner, openOn, participationNeeded, termStarting, whoMayJoin } from './joining.ts'
