import { type SurveyCase, type SurveyStep, story } from './survey-case.ts';
import { buy, buyNow, cancel, sell, sellNow } from './survey-messages.ts';

export const QUEUES: readonly SurveyCase[] = [
  story(
    'a queue that lost its head, its tail and two between serves who is left by arrival, not id',
    '-/640/1',
    [
      [buy(31, 6, 640), '0,0,0,31,640,6'],
      [buy(12, 9, 640), '0,1,0,12,640,9'],
      [buy(77, 4, 640), '0,2,0,77,640,4'],
      [buy(5, 11, 640), '0,3,0,5,640,11'],
      [buy(48, 2, 640), '0,4,0,48,640,2'],
      [buy(60, 8, 640), '0,5,0,60,640,8'],
      [cancel(77), '2,6,0,77,640'],
      [cancel(31), '2,7,0,31,640'],
      [cancel(60), '2,8,0,60,640'],
      [buy(9, 3, 640), '0,9,0,9,640,3'],
      [cancel(5), '2,10,0,5,640'],
      [sellNow(100, 10, 640), '0,11,1,100,640,10', '1,11,640,9,12,100', '1,11,640,1,48,100'],
      [sell(101, 5, 640), '0,12,1,101,640,5', '1,12,640,1,48,101', '1,12,640,3,9,101'],
    ],
  ),
  story(
    'a partly filled order stays first through cancels and arrivals behind it, until it is filled',
    '2250/-/1',
    [
      [sell(8, 20, 2250), '0,0,1,8,2250,20'],
      [sell(6, 15, 2250), '0,1,1,6,2250,15'],
      [sell(7, 25, 2250), '0,2,1,7,2250,25'],
      [buyNow(20, 13, 2251), '0,3,0,20,2251,13', '1,3,2250,13,8,20'],
      [cancel(6), '2,4,1,6,2250'],
      [buyNow(21, 3, 2250), '0,5,0,21,2250,3', '1,5,2250,3,8,21'],
      [sell(5, 2, 2250), '0,6,1,5,2250,2'],
      [buyNow(22, 10, 2250), '0,7,0,22,2250,10', '1,7,2250,4,8,22', '1,7,2250,6,7,22'],
      [cancel(7), '2,8,1,7,2250'],
      [buy(23, 5, 2250), '0,9,0,23,2250,5', '1,9,2250,2,5,23'],
    ],
  ),
  story('who cancels and comes back under the same id queues behind the others', '-/-/0', [
    [buy(3, 7, 815), '0,0,0,3,815,7'],
    [buy(4, 8, 815), '0,1,0,4,815,8'],
    [buy(2, 6, 815), '0,2,0,2,815,6'],
    [cancel(3), '2,3,0,3,815'],
    [buy(3, 7, 815), '0,4,0,3,815,7'],
    [sellNow(40, 16, 815), '0,5,1,40,815,16', '1,5,815,8,4,40', '1,5,815,6,2,40', '1,5,815,2,3,40'],
    [cancel(3), '2,6,0,3,815'],
  ]),
  story('the queues of both sides thin out without touching each other', '-/332/1', [
    [buy(1, 5, 330), '0,0,0,1,330,5'],
    [sell(2, 6, 332), '0,1,1,2,332,6'],
    [buy(3, 4, 330), '0,2,0,3,330,4'],
    [sell(4, 3, 332), '0,3,1,4,332,3'],
    [buy(5, 9, 330), '0,4,0,5,330,9'],
    [sell(6, 8, 332), '0,5,1,6,332,8'],
    [cancel(4), '2,6,1,4,332'],
    [cancel(1), '2,7,0,1,330'],
    [sellNow(7, 6, 330), '0,8,1,7,330,6', '1,8,330,4,3,7', '1,8,330,2,5,7'],
    [buyNow(8, 9, 332), '0,9,0,8,332,9', '1,9,332,6,2,8', '1,9,332,3,6,8'],
    [cancel(5), '2,10,0,5,330'],
    [sell(9, 1, 330), '0,11,1,9,330,1'],
    [buyNow(10, 4, 332), '0,12,0,10,332,4', '1,12,330,1,9,10', '1,12,332,3,6,10'],
  ]),
  story('cancels from the back, then one of a filled order and one of a half filled', '-/-/0', [
    [sell(51, 2, 1900), '0,0,1,51,1900,2'],
    [sell(52, 4, 1900), '0,1,1,52,1900,4'],
    [sell(53, 6, 1900), '0,2,1,53,1900,6'],
    [sell(54, 8, 1900), '0,3,1,54,1900,8'],
    [sell(55, 10, 1900), '0,4,1,55,1900,10'],
    [sell(56, 12, 1900), '0,5,1,56,1900,12'],
    [sell(57, 14, 1900), '0,6,1,57,1900,14'],
    [cancel(56), '2,7,1,56,1900'],
    [cancel(54), '2,8,1,54,1900'],
    [cancel(52), '2,9,1,52,1900'],
    [
      buy(70, 17, 1901),
      '0,10,0,70,1901,17',
      '1,10,1900,2,51,70',
      '1,10,1900,6,53,70',
      '1,10,1900,9,55,70',
    ],
    [cancel(53), '4,11,53'],
    [cancel(55), '2,12,1,55,1900'],
    [buyNow(71, 15, 1900), '0,13,0,71,1900,15', '1,13,1900,14,57,71', '2,13,0,71,1900'],
  ]),
];

/** 6000 bids of one level whose ids fall as they arrive; every sixth is cancelled: 5000 stay. */
const CROWD = Array.from({ length: 6000 }, (_, arrival) => ({
  id: 20_000 - 3 * arrival,
  leaves: arrival % 6 === 2,
  arrival,
}));
const CROWD_SWEEP: readonly SurveyStep[] = [
  ...CROWD.map(({ id, arrival }): SurveyStep => {
    return [buy(id, 2, 8888), `0,${arrival},0,${id},8888,2`];
  }),
  ...CROWD.filter(({ leaves }) => leaves).map(({ id }, place): SurveyStep => {
    return [cancel(id), `2,${6000 + place},0,${id},8888`];
  }),
  [
    sell(1, 10_003, 8880),
    '0,7000,1,1,8880,10003',
    ...CROWD.filter(({ leaves }) => !leaves).map(({ id }) => `1,7000,8888,2,${id},1`),
  ],
  [buyNow(2, 3, 8888), '0,7001,0,2,8888,3', '1,7001,8880,3,1,2'],
  [cancel(20_000), '4,7002,20000'],
];

/**
 * 300 asks three ticks apart that arrive in steps of seven levels. As 7 · 43 is 1 more than 300,
 * the order at the level `p` is the one that arrived as number `43 p` modulo 300.
 */
const LADDER_SWEEP: readonly SurveyStep[] = [
  ...Array.from({ length: 300 }, (_, arrival): SurveyStep => {
    const price = 60_000 + 3 * ((7 * arrival) % 300);
    return [sell(arrival + 1, 4, price), `0,${arrival},1,${arrival + 1},${price},4`];
  }),
  [
    buy(500, 1201, 60_898),
    '0,300,0,500,60898,1201',
    ...Array.from({ length: 300 }, (_, level) => {
      return `1,300,${60_000 + 3 * level},4,${((43 * level) % 300) + 1},500`;
    }),
  ],
];

export const SWEEPS: readonly SurveyCase[] = [
  story(
    'a sweep climbs the levels by price and each by arrival; its remainder rests and is hit first',
    '-/5062/1',
    [
      [sell(11, 3, 5040), '0,0,1,11,5040,3'],
      [sell(12, 8, 5025), '0,1,1,12,5025,8'],
      [sell(13, 5, 5031), '0,2,1,13,5031,5'],
      [sell(14, 2, 5025), '0,3,1,14,5025,2'],
      [sell(15, 6, 5031), '0,4,1,15,5031,6'],
      [sell(16, 4, 5062), '0,5,1,16,5062,4'],
      [
        buy(90, 26, 5045),
        '0,6,0,90,5045,26',
        '1,6,5025,8,12,90',
        '1,6,5025,2,14,90',
        '1,6,5031,5,13,90',
        '1,6,5031,6,15,90',
        '1,6,5040,3,11,90',
      ],
      [sell(17, 5, 5030), '0,7,1,17,5030,5', '1,7,5045,2,90,17'],
      [buyNow(91, 9, 5061), '0,8,0,91,5061,9', '1,8,5030,3,17,91', '2,8,0,91,5061'],
    ],
  ),
  story(
    'emptied levels take orders again; a marketable limit stops at its own price and rests there',
    '118/-/1',
    [
      [buy(21, 40, 118), '0,0,0,21,118,40'],
      [buy(22, 10, 125), '0,1,0,22,125,10'],
      [buy(23, 15, 121), '0,2,0,23,121,15'],
      [buy(24, 5, 125), '0,3,0,24,125,5'],
      [
        sellNow(80, 37, 118),
        '0,4,1,80,118,37',
        '1,4,125,10,22,80',
        '1,4,125,5,24,80',
        '1,4,121,15,23,80',
        '1,4,118,7,21,80',
      ],
      [buy(25, 1, 125), '0,5,0,25,125,1'],
      [buy(26, 2, 121), '0,6,0,26,121,2'],
      [sell(81, 10, 120), '0,7,1,81,120,10', '1,7,125,1,25,81', '1,7,121,2,26,81'],
      [buyNow(82, 7, 120), '0,8,0,82,120,7', '1,8,120,7,81,82'],
    ],
  ),
  story(
    'an immediate order never rests, whether nothing, some or all of it trades; its id is free',
    '41/42/2',
    [
      [sellNow(1, 9, 50), '0,0,1,1,50,9', '2,0,1,1,50'],
      [buyNow(2, 4, 51), '0,1,0,2,51,4', '2,1,0,2,51'],
      [buy(3, 12, 48), '0,2,0,3,48,12'],
      [buy(4, 11, 48), '0,3,0,4,48,11'],
      [sellNow(5, 12, 48), '0,4,1,5,48,12', '1,4,48,12,3,5'],
      [sellNow(6, 2, 49), '0,5,1,6,49,2', '2,5,1,6,49'],
      [sellNow(7, 30, 40), '0,6,1,7,40,30', '1,6,48,11,4,7', '2,6,1,7,40'],
      [buy(8, 1, 41), '0,7,0,8,41,1'],
      [sell(1, 1, 42), '0,8,1,1,42,1'],
    ],
  ),
  story(
    'limits one tick apart rest; an exact fill leaves the next in the queue alone',
    '999/1000/2',
    [
      [buy(1, 14, 999), '0,0,0,1,999,14'],
      [sell(2, 6, 1000), '0,1,1,2,1000,6'],
      [buy(3, 5, 999), '0,2,0,3,999,5'],
      [sell(4, 8, 1000), '0,3,1,4,1000,8'],
      [buy(5, 6, 1000), '0,4,0,5,1000,6', '1,4,1000,6,2,5'],
      [sell(6, 14, 999), '0,5,1,6,999,14', '1,5,999,14,1,6'],
      [sell(7, 2, 998), '0,6,1,7,998,2', '1,6,999,2,3,7'],
    ],
  ),
  story(
    'one order fills 5000 of one level by arrival, past a thousand cancelled, and rests',
    '-/-/0',
    CROWD_SWEEP,
  ),
  story('one order fills 300 levels that arrived scattered, best first', '60898/-/1', LADDER_SWEEP),
];
