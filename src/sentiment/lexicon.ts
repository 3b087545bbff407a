import { stemmer } from 'stemmer';

/**
 * Words of financial and crypto headlines, our own choice. Weights are on a scale of 1 (mild) to 3
 * (strong); words stand for all their inflections, because they are looked up by their stems.
 */
const POSITIVE: Record<number, string> = {
  3: `soar surge skyrocket boom blockbuster stellar breakthrough triumph bonanza bumper`,
  2: `beat exceed outperform upgrade rally leap jump strong stronger strongest robust rebound
    recover recovery bullish upbeat buoyant boost approval approve win won winner success successful
    profitable profitability breakout thrive flourish accelerate impressive shine impress cheer
    jubilant optimistic optimism confident confidence excellent best outpace outstrip overtake
    milestone halving upswing uptrend hike bullrun inflow vindicate clear cleared exonerate defeat
    upside smash resurgent resurgence lucrative`,
  1: `advance improve improvement better benefit good great healthy solid positive favourable favorable
    attractive support reward award agreement alliance partner partnership collaborate collaboration
    expand expansion launch unveil innovate innovation secure extend buy buyback acquire acquisition
    invest investment contract deliver delivery opportunity potential promise promising stable
    stabilise stabilize steady resilient relief reassure reinstate resume restart restore dividend
    grow growth gain hire create adoption adopt accumulate list mainnet integrate endorse praise
    welcome bid merge merger tie-up deal track undervalued cheap bargain outlook-raise
    settle settlement resolve resolved escape weather lead leader efficient efficiency synergy
    turnaround green accept complete top order back bolster strengthen lift fund pioneer ahead
    sweeten overweight underpin nurture progress unlock premium bull overturn`,
};

const NEGATIVE: Record<number, string> = {
  3: `crash collapse plunge plummet bankrupt bankruptcy insolvent insolvency fraud fraudulent scandal
    catastrophe catastrophic disaster meltdown rout tank jail imprison prison sentence convict bloodbath corrupt corruption bribe bribery
    launder laundering rug-pull hack hacked exploit exploited ponzi scam default wipe freefall`,
  2: `slump tumble slide sink dive drop miss lawsuit sue probe investigate investigation fine
    penalty penalise penalize charge accuse accused allegation allege guilty convict indict indicted
    warn warning downgrade underperform weak weaker weakest weakness weaken bearish worst worse worry
    fear panic crisis recession slowdown layoff redundancy walkout ban invalidate retrial disruption disrupt militant crackdown breach leak outage
    recall shortage shortfall deficit impairment writedown write-down write-off axe suspend
    suspension halt delist liquidate liquidation dump outflow sanction violate violation
    disappoint disappointing disappointment dismal gloom gloomy grim bleak hurt harm damage
    struggle suffer trouble troubled turmoil volatile toxic death fatal explosion spill steal stolen
    theft attack phish outflow overvalued bubble contagion capitulate downtrend threat threaten
    jeopardy torrid sour woe blow sell-off selloff subpoena misconduct mis-sell rig rigging
    manipulate manipulation evade evasion backlash embarrass flop fail failure`,
  1: `decline dip ease fall fell lower lose lost loss cut hit slow sluggish delay postpone cancel
    cancelled withdraw withdrawal quit resign resignation depart departure step-down oust leave exit
    close closure shut pull tear torn withhold withheld skeptical sceptical stall scrap reject rejection refuse block oppose opposition criticise criticize
    criticism blame concern doubt doubtful uncertain uncertainty risk risky pressure squeeze debt
    cost tax dispute conflict row protest stall mis-step challenge difficult tough hard problem issue
    bad poor negative unfavourable unfavorable underweight short reduce shrink retreat
    pare trim drag limit miss-out suspicious illegal unlawful bar question caution cautious
    headwind stumble lag behind low lowest down downturn downside cool flat red bear hold-up
    compensation complaint unhappy anger angry pain painful relegate relegation torment end cap
    squander vulnerable burden anxiety unease jitter shock`,
};

/** Directions in which a figure moves; good or bad by what moves. */
const UPWARD = `rise rose risen grow grew grown growth increase climb up higher raise soar jump surge
  advance gain expand widen swell double triple treble quadruple leap lift hike boost improve accelerate
  top upward add rocket spike extend edge-up spur`;
const DOWNWARD = `fall fell fallen drop cut reduce decline shrink narrow lower ease down halve slide sink
  sank slump tumble plunge plummet slip dip decrease diminish lose trim slash contract pare retreat slow
  downward weaken dive curb drain erode`;

/** Figures whose growth is bad news. */
const BURDENS = `loss cost debt expense expenditure deficit fine charge provision unemployment inflation
  claim risk fee default delinquency complaint tax liability impairment outflow shortfall
  redundancy fraud bill burden emission injury death vacancy liquidation penalty pressure fear concern
  uncertainty doubt worry volatility rate-hike tension spread`;
/** Figures whose growth is good news. */
const ASSETS = `profit sale revenue earning income share stock margin order dividend output production demand
  guidance forecast turnover eps cash result price value payout volume traffic market index ftse estimate
  target job backlog ebit ebitda return rating capacity export yield deposit
  customer subscriber user booking shipment passenger growth stake bitcoin ether token coin tvl hashrate
  inflow deal interim business outlook view pound euro dollar`;

/** Words that turn round what follows. */
const NEGATORS = new Set(
  "not no never without nor cannot can't won't isn't aren't doesn't don't didn't wasn't weren't hasn't haven't fails failed lacks lack denies denied rejects unlikely avoids avoid averts avert halts halted eases ends".split(
    ' ',
  ),
);
/** Words that make what stands beside them stronger or weaker. */
const DEGREES = new Map<string, number>(
  Object.entries({
    sharply: 1.5,
    steeply: 1.5,
    strongly: 1.4,
    significantly: 1.4,
    hugely: 1.5,
    massive: 1.4,
    huge: 1.4,
    biggest: 1.3,
    record: 1.3,
    very: 1.3,
    clearly: 1.2,
    slightly: 0.5,
    somewhat: 0.6,
    marginally: 0.5,
    modest: 0.6,
    modestly: 0.6,
    barely: 0.4,
    may: 0.7,
    might: 0.7,
    could: 0.7,
  }),
);

/** Phrases, in words as they stand; they win over their words. Their weights are final. */
export const PHRASES: readonly (readonly [phrase: string, weight: number])[] = [
  ['profit warning', -3],
  ['profits warning', -3],
  ['all time high', 2.5],
  ['all-time high', 2.5],
  ['record high', 2.5],
  ['record highs', 2.5],
  ['record profit', 2.5],
  ['record profits', 2.5],
  ['record sales', 2.5],
  ['record revenue', 2.5],
  ['record earnings', 2.5],
  ['record results', 2.5],
  ['record quarter', 2.5],
  ['record year', 2],
  ['record inflows', 2.5],
  ['record outflows', -2.5],
  ['month high', 2],
  ['year high', 2.2],
  ['month low', -2],
  ['year low', -2.2],
  ['buys stake', 1.5],
  ['strike action', -2],
  ['sell rating', -2],
  ['strong sell', -2.5],
  ['at a loss', -1.5],
  ['profit hit', -2],
  ['profits hit', -2],
  ['hit by', -2],
  ['hard hit', -2],
  ['smaller than feared', 1.2],
  ['less than feared', 1.2],
  ['better than feared', 1.5],
  ['little changed', 0],
  ['record low', -2.5],
  ['all time low', -2.5],
  ['52-week high', 1.5],
  ['52-week low', -1.5],
  ['beats expectations', 2.5],
  ['better than expected', 2.5],
  ['worse than expected', -2.5],
  ['below expectations', -2],
  ['above expectations', 2],
  ['misses estimates', -2.5],
  ['tops estimates', 2.5],
  ['in line with', 0.3],
  ['job cuts', -2],
  ['jobs at risk', -2],
  ['cost cuts', 0.8],
  ['cost cutting', 0.6],
  ['cost savings', 1.2],
  ['cuts costs', 1],
  ['rate cut', 1],
  ['rate hike', -1],
  ['share buyback', 1.8],
  ['raises stake', 1],
  ['ups stake', 1],
  ['cuts stake', -0.8],
  ['sells stake', -0.5],
  ['raises guidance', 2.5],
  ['lifts guidance', 2.5],
  ['raises forecast', 2.5],
  ['cuts guidance', -2.5],
  ['cuts forecast', -2.5],
  ['price target raised', 2],
  ['price target cut', -2],
  ['steps down', -1.2],
  ['step down', -1.2],
  ['stepping down', -1.2],
  ['swings to profit', 2.5],
  ['swings to loss', -2.5],
  ['swing to loss', -2.5],
  ['returns to profit', 2.5],
  ['return to profit', 2.5],
  ['back in black', 2],
  ['in the red', -2],
  ['break even', 0],
  ['oil spill', -1.5],
  ['cyber attack', -2.5],
  ['rug pull', -3],
  ['short squeeze', 1.5],
  ['price war', -1.5],
  ['bad bank', -0.5],
  ['going concern', -2.5],
  ['class action', -2],
  ['chapter 11', -3],
  ['etf approval', 2.5],
  ['take over', 0.5],
  ['shut down', -1.5],
  ['shuts down', -1.5],
  ['takes toll', -2],
  ['take their toll', -2],
  ['under fire', -2],
  ['under pressure', -1.8],
  ['on track', 1.5],
  ['off the hook', 1.5],
  ['well received', 1.5],
  ['lead ftse lower', -2.5],
  ['leads ftse lower', -2.5],
];

function stems(words: string): string[] {
  return words.split(/\s+/).filter(Boolean).map(stemmer);
}

const WEIGHTS = new Map<string, number>();
for (const [weight, words] of Object.entries(NEGATIVE)) {
  for (const stem of stems(words)) WEIGHTS.set(stem, -Number(weight));
}
for (const [weight, words] of Object.entries(POSITIVE)) {
  for (const stem of stems(words)) WEIGHTS.set(stem, Number(weight));
}
const DIRECTIONS = new Map<string, number>([
  ...stems(UPWARD).map((stem): [string, number] => [stem, 1]),
  ...stems(DOWNWARD).map((stem): [string, number] => [stem, -1]),
]);
const SUBJECTS = new Map<string, number>([
  ...stems(ASSETS).map((stem): [string, number] => [stem, 1]),
  ...stems(BURDENS).map((stem): [string, number] => [stem, -1]),
]);

/** What the lexicon knows of one word. */
export interface WordSense {
  /** -3 to 3; 0 says nothing by itself. */
  readonly weight: number;
  /** 1 upwards, -1 downwards, 0 no direction. */
  readonly direction: number;
  /** 1 if more of it is good, -1 if more of it is bad, 0 if it is no figure. */
  readonly subject: number;
  readonly negates: boolean;
  /** Factor for the words beside it; 1 for most. */
  readonly degree: number;
}

/** Looks a word up, in lower case and in any inflection. */
export function senseOf(word: string): WordSense {
  const stem = stemmer(word);
  return {
    weight: WEIGHTS.get(stem) ?? 0,
    direction: DIRECTIONS.get(stem) ?? 0,
    subject: SUBJECTS.get(stem) ?? 0,
    negates: NEGATORS.has(word),
    degree: DEGREES.get(word) ?? 1,
  };
}
