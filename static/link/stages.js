/**
 * What each stage of a linking shows. `step`: how many steps of the progress are done; `mark`: the colour of the state;
 * `pauseMs`: until the next look, 0 for an end; `words` overrides where the words depend on more than the stage.
 */
const STAGES = {
  checking: { step: null, mark: 'connecting', pauseMs: 2_000 },
  required: { step: 1, mark: 'scan', pauseMs: 2_000, shows: ['ways', 'stop-line'], isTimed: true },
  submitting: { step: 1, mark: 'connecting', pauseMs: 1_000 },
  awaitingPhone: { step: 2, mark: 'scan', pauseMs: 2_000, shows: ['stop-line'], isTimed: true },
  confirm: { step: 3, mark: 'scan', pauseMs: 2_000, shows: ['compare'], isTimed: true },
  finishing: { step: 3, mark: 'connecting', pauseMs: 1_000, isTimed: true },
  waiting: { step: 3, mark: 'connecting', pauseMs: 1_000 },
  linked: { step: 4, mark: 'linked', pauseMs: 0 },
  over: { step: null, mark: 'trouble', pauseMs: 0 },
  incomplete: { step: null, mark: 'trouble', pauseMs: 0 },
}

/** What is said of the reasons for which a linking is over. */
const ENDS = {
  no_answer: 'overBrowser',
  refused: 'failedRefused',
  phone_did_not_continue: 'overPhone',
  bad_phone_answer: 'overPhone',
  not_confirmed: 'overCode',
  phone_did_not_finish: 'overCode',
  connection_lost: 'overConnection',
  cancelled: 'overStopped',
}

/**
 * How a stage looks.
 * @param {string} name
 * @param {{skipHandoff?: boolean, failure?: string}} now `failure`: why it is over, '' when nobody knows
 */
export function describeStage(name, { skipHandoff = false, failure = '' } = {}) {
  const detail =
    name === 'over'
      ? (ENDS[failure] ?? 'overDetail')
      : name === 'confirm' && skipHandoff
        ? 'confirmKnownDetail'
        : `${name}Detail`
  return { shows: [], isTimed: false, ...STAGES[name], title: `${name}Title`, detail }
}
