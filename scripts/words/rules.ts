/**
 * The words and shapes that Berth's texts avoid, each with what to write instead. A space in a pattern matches any white
 * space, so that a phrase is found across a line break.
 */
export interface Rule {
  /** The source of a regular expression. Case matters only where `caseSensitive` is set. */
  pattern: string;
  instead: string;
  caseSensitive?: boolean;
  /** The rule holds at the start of a doc comment only. */
  startOfDocComment?: boolean;
}

const rule = (pattern: string, instead: string): Rule => ({ pattern, instead });
const word = (pattern: string, instead: string): Rule => rule(`\\b(?:${pattern})\\b`, instead);
const exact = (pattern: string, instead: string): Rule => ({ pattern, instead, caseSensitive: true });

const people: readonly Rule[] = [
  word('nobody', 'state the rule: "Only members with write access can…", or "no one"'),
  word('somebody|anybody|everybody', 'someone, anyone, everyone, or name the role'),
  word('whoever|whosoever|whomever|whomsoever', 'name the role: the caller, the user, the holder'),
  exact(
    '(?<=^|[.:;|] |[.:;|]\\n)Who (?:asks|comes|does|gives|has|holds|is|knows|may|needs|reads|shows|wants|waits)\\b(?![^.]*\\?)',
    'name the subject: "A client that waits…"',
  ),
  word('(?:by|for|from|of|than|to) who', 'name the subject: "a client that…"'),
  word('ours|theirs', '"Berth\'s", or name the owner'),
  rule(
    '(?<=\\b(?:an?|each|every|with|no) [\\w-]+ )of (?:its|their|his|her|your|my|our) own\\b|\\bof (?:its|their|his|her|your|my|our) own(?=[.,;:)]|$)',
    '"its own key", not "a key of its own"',
  ),
];

const oldWords: readonly Rule[] = [
  word('alone', '"only", or "by itself"'),
  word('laps(?:e|es|ed|ing)', 'expire, expiration'),
  word('wish(?:es|ed|ing)?', 'want, request, requirement'),
  word('seldom', 'rarely'),
  // Not the state of a run and the words of GitHub and ECS, which are names.
  word('(?:was|is|be|are|were|been) cancelled|cancelled it', 'canceled'),
  word('anew|afresh', 'again, from scratch'),
  word('mend(?:s|ed|ing)?', 'fix'),
  word('beside', 'next to, in addition to, with'),
  word('upon', 'on'),
  word('ought', 'should'),
  word('shall', 'must, will'),
  word('till', 'until'),
  word('whilst', 'while'),
  word('amongst', 'among'),
  word('lest', '"so that … not", in case'),
  word('whence|thence|hither|thither|hence|henceforth|hitherto', '"from which", "therefore", "until now"'),
  word('thereof|thereby|therein|thereupon|wherein|whereof|whereupon|hereby|herein', 'name the thing'),
  word('judg(?:e|es|ed|ing|ment|ement|ments|ements)', 'decide, evaluate, check'),
  word('faults?', 'failure, error, bug'),
  word('believed', 'cached, trusted'),
  word('reckon(?:s|ed|ing)?', 'count, compute'),
  word('perhaps', 'may, might'),
  word('twofold|manifold', 'twice, double, many'),
  word('quench(?:es|ed)?|behold|beget|amiss|foreseen|forsooth|akin|betimes|sundry', 'the common word'),
  word('wants', 'needs, requires'),
  word('seeks|seeking|sought', 'looks for, acquires'),
  word('heal(?:s|ed|ing)?', 'repair, reclaim'),
  word('upkeep', 'maintenance'),
  exact('\\bmeanwhile\\b', 'in the meantime, since then, by then'),
  word('likeliest', 'most likely'),
  word('ever (?:more|less|fewer)', '"more and more", "less and less"'),
  word(
    '(?:a|each|every|one|the first|the last|the next) look(?!-)',
    'name the action: a read, a check, a reconciliation',
  ),
  rule('[“”]', 'straight quotes; in docs, bold for the label of a button'),
  exact('\\bIds? (?=and |of |or )', 'ID'),
  // Prose. Fields and placeholders such as `id=` are code.
  exact(
    '(?<=\\b(?:[Aa]n?|commit|full|[Ii]ts|project|request|run|[Tt]he|[Tt]heir|whose|workflow) )ids?(?=[ ,.;:)]|$)',
    'ID',
  ),
];

const phrases: readonly Rule[] = [
  word('(?:is|are|was|were|be|been|being) told', 'receives, is notified, "Berth sends…"'),
  word('(?:is|are|was|were|be|been|being) asked', 'is queried, is requested, "Berth calls…"'),
  word('is none|was none(?=[.,;:)])(?<!there was none)', '"does not exist", "is not one"'),
  word('any more(?! of| than)', 'no longer'),
  word('(?:it|them|that|this) no more(?! than)', 'no longer'),
  word('only one time', 'only once'),
  word('also (?:if|when)', 'even if, even when'),
  rule(
    ', also (?=(?:after|before|between|by|for|from|in|on|with|within|without|one|those|an?|the) )',
    '", even after…", ", including one…"',
  ),
  word('also (?:without|within)', 'even without, even within'),
  word('(?:say|says|said) nothing to', 'means nothing to'),
  word('(?:is|are|was|were|be|been) begun', 'starts, has started'),
  word('(?:false|null|true|undefined|BerthError) where', '"undefined if…"'),
  word('(?:wait|waits|waiting) for its end', '"until it ends"'),
  rule(
    '(?<!\\bthere |\\bthis |\\bthat )\\b(?:is|are|was|were|be) no (?!longer\\b|more\\b|less\\b|one\\b|later\\b|different\\b)\\w+',
    '"is not a…"',
  ),
  rule(
    '\\b(?:that|it|this|what|which|one|still) stands\\b|\\bstands (?:alone|there|in|on|at|beside|once|open)\\b',
    '"is", "remains", "is in"',
  ),
  word('has it from', 'gets it from'),
  word(
    'as (?:it was|they were|ever|it comes|they come|it came|they came)',
    '"unchanged", "as before", "as is"',
  ),
  word('under way', 'running, in progress'),
  word('(?:go|goes|going|gone|went) wrong', 'fail, error'),
  word('(?:go|goes|going|gone|went) on', 'continue'),
  word('want of', 'lack of, "ran out of"'),
  word('without a word|worth a word|a word of', 'say what is missing: a log line, a message'),
  word('hand(?:s|ed|ing)? (?:on|over|out)', 'pass, transfer, return'),
  word('(?:take|takes|taken|took|taking) away', 'remove'),
  word('(?:give|gives|given|gave|giving) back', 'release, return'),
  word('(?:look|looks|looked|looking) (?:after|again)', 'maintain, renew; enqueue, reconcile again'),
  word(
    '(?:come|comes|came|becomes?|became) of (?:it|an?|the|this|that|them)',
    'how … is processed, what happens to …',
  ),
  word(
    '(?:say|says|said|know|knows|see|sees|tell|tells|speak|speaks|hear|hears|learn|learns) nothing of|nothing of',
    '"does not mention", "does not know about"',
  ),
  word(
    '(?:hear|hears|heard|learn|learns|learned|tell|tells|told|speak|speaks|spoke) of',
    'receive, learn about, report, mention',
  ),
  word('what it tells|tells nothing', 'what it covers, says nothing'),
  word('for ever', 'forever, indefinitely'),
  word('for good', 'permanently'),
  word('once more', 'again'),
  word('at once', 'immediately, or at the same time'),
  word('in vain', 'without effect'),
  word('in clear(?! text)', 'in plaintext'),
  word('its like|their like|and the like|or the like', 'and similar'),
  word('(?:can|could|may|to) be had', 'is available'),
  word('carr(?:y|ies|ied|ying) (?:it |them |this )?(?:out|through)', 'run, handle, perform'),
  word('all that (?:is|it|you|they|was|were|has|can|may|belongs|a|the)', 'everything that'),
  word('some (?:seconds|minutes|hours|days|weeks|milliseconds|bytes|lines)', 'a few'),
  word('so as (?:not )?to', 'to, so that'),
  word('be it', 'whether, or'),
  word('other way round|way round', 'other way around, order'),
  word(
    '(?:at|to|from|of|before|after|till|until) (?:its|their) ends?',
    '"when it finishes", finished, terminal',
  ),
  word('makes? (?:it|them) so', 'applies it'),
  word('not leave to chance', 'security and reliability'),
  word('mean something together', 'both are required'),
  word('has to be there|have to be there', 'must already exist'),
  rule('[,;] else (?!if\\b)', '"otherwise"'),
  exact('\\bAbsent:', 'If omitted,'),
  exact('\\b(?:Asked for|Last asked for)\\b', 'Created, requested'),
  exact(
    '\\b(?:a|the|which|each|every|another|this|that|its|their|free|held|no|one|two|four) berths?\\b|\\bberths\\b',
    'stack',
  ),
];

const british: readonly Rule[] = [
  word(
    '(?:colour|behaviour|favour|honour|neighbour|harbour|labour|rumour)\\w*',
    'American spelling: color, behavior…',
  ),
  word(
    'centre|centred|licence|grey|artefacts?|catalogue|programme|tyre|cheque',
    'American spelling: center, license, gray, artifact…',
  ),
  word(
    '(?:recogni|organi|initiali|seriali|normali|synchroni|authori|summari|minimi|maximi|optimi|customi|finali|prioriti|categori|capitali|visuali|tokeni|saniti|utili|reali|anonymi)s(?:e|es|ed|ing|ation|ations)',
    'American spelling: -ize',
  ),
  word('analys(?:e|es|ed|ing)(?<!analyses)', 'American spelling: analyze'),
  exact('\\b[Cc]ancelling\\b', 'American spelling: canceling'),
  word('(?:labell|modell|travell|signall|marshall|tunnell|fuell)(?:ed|ing|er)', 'American spelling: one l'),
];

const docComments: readonly Rule[] = [
  {
    pattern:
      '^(?:Since when|What|Who|Whose|Whom|That|Such|As|By|Of|From|To|For|Also|Not|Nothing|Asked|Said|Told)\\b',
    instead: 'start a doc comment with a verb or a noun phrase: "Returns…", "The address of…"',
    caseSensitive: true,
    startOfDocComment: true,
  },
];

export const rules: readonly Rule[] = [...people, ...oldWords, ...phrases, ...british, ...docComments];
